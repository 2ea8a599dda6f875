using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Unstale.Remote;

/// <summary>
/// Codec of each type: the registered <see cref="IHybridCacheSerializer{T}"/>, otherwise one from the last registered
/// <see cref="IHybridCacheSerializerFactory"/> that creates one, otherwise the built-in codec. The built-in JSON codec uses the options registered under
/// the type of the serializer, as AddHybridCache does.
/// </summary>
internal sealed class CodecTable(IServiceProvider? services)
{
    private static int _types;

    private readonly Lock _lock = new();
    private readonly IHybridCacheSerializerFactory[] _factories =
        services?.GetServices<IHybridCacheSerializerFactory>().Reverse().ToArray() ?? [];

    // Replaced under the lock, never shrunk. A reader without the lock finds the codec or null; null leads to the lock.
    private volatile object?[] _codecs = [];

    /// <exception cref="NotSupportedException">
    /// Thrown by the returned codec: no serializer is registered for the type, and JSON cannot represent the type.
    /// </exception>
    public ValueCodec<T> For<T>()
    {
        var codecs = _codecs;
        var index = Slot<T>.Index;
        return index < codecs.Length && codecs[index] is { } codec ? Unsafe.As<ValueCodec<T>>(codec) : Add(Create<T>());
    }

    private ValueCodec<T> Add<T>(ValueCodec<T> created)
    {
        lock (_lock)
        {
            var index = Slot<T>.Index;
            if (index < _codecs.Length && _codecs[index] is ValueCodec<T> first)
                return first;
            var codecs = new object?[Math.Max(_codecs.Length, index + 1)];
            _codecs.CopyTo(codecs, 0);
            codecs[index] = created;
            _codecs = codecs;
            return created;
        }
    }

    private ValueCodec<T> Create<T>()
    {
        if (services?.GetService<IHybridCacheSerializer<T>>() is { } registered)
            return new RegisteredCodec<T>(registered);
        foreach (var factory in _factories)
        {
            if (factory.TryCreateSerializer<T>(out var made))
                return new RegisteredCodec<T>(made);
        }

        return (typeof(T) == typeof(string) ? (object)new StringCodec() : typeof(T) == typeof(byte[]) ? new BytesCodec() : new JsonCodec<T>(JsonOptionsFor<T>()))
            as ValueCodec<T> ?? throw new System.Diagnostics.UnreachableException();
    }

    private JsonSerializerOptions JsonOptionsFor<T>() =>
        services?.GetKeyedService<JsonSerializerOptions>(typeof(IHybridCacheSerializer<T>)) is { } own ? JsonContracts.Checked(own)
        : services?.GetKeyedService<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>)) is { } all ? JsonContracts.Checked(all)
        : JsonContracts.Options;

    /// <summary>Assigns a number to each type of the process, so that a lookup is an index into an array.</summary>
    private static class Slot<T>
    {
        public static readonly int Index = Interlocked.Increment(ref _types) - 1;
    }
}
