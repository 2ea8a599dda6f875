using System.Collections;
using System.Collections.ObjectModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Invalidations;
using Unstale.Log;
using Unstale.Predicates;
using Unstale.Queries;
using Unstale.Remote;
using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Public members copy every collection argument before they return.</summary>
public sealed class CollectionArgumentTests
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Results with lists for the caller to read, and messages between a node and its log or second level.</summary>
    private static readonly Type[] Answers =
    [
        typeof(CacheStatistics), typeof(ChangePreview), typeof(ExplainedRecord), typeof(KeyExplanation), typeof(RuleSetStatistics), typeof(RuleStatistics),
        typeof(PreviewStep), typeof(RuleWarning), typeof(RemoteExplanation),
        typeof(LogMembers), typeof(RemoteHit), typeof(RemoteReply), typeof(RemoteValue), typeof(TailReply),
    ];

    /// <summary>Interfaces tested through their only implementation.</summary>
    private static readonly Type[] Interfaces = [typeof(IInvalidator), typeof(ICacheableQuery), typeof(IInvalidationLog), typeof(ILogSession)];

    public static TheoryData<string> Members => [.. All().Select(Name).Distinct()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Members))]
    public async Task A_collection_is_neither_held_nor_read_after_the_call(string member)
    {
        foreach (var isArray in new[] { true, false })
        {
            foreach (var (method, parameter) in All().Where(one => Name(one) == member))
                await NotHeldAsync(method, parameter, isArray);
        }
    }

    [Fact]
    public void The_members_that_take_collections_are_found() => Assert.True(All().Count() > 60, $"only {All().Count()} were found");

    private static async Task NotHeldAsync(MethodBase method, ParameterInfo parameter, bool isArray)
    {
        await using var test = new CacheUnderTest(o => o.Log = $"held-{Guid.NewGuid():n}");
        test.Cache.Rules.Add(new InvalidationRule { Name = "window", Triggers = ["later"], Tags = ["t"], Strategy = InvalidationStrategy.Batched });
        using var scope = method.DeclaringType == typeof(Invalidator) ? test.Invalidator.BeginScope() : null;
        var closed = Close(method);
        var instance = closed is ConstructorInfo || closed.IsStatic ? null : Instance(closed.DeclaringType!, test);
        var lent = Lend(closed.GetParameters()[parameter.Position].ParameterType, isArray);
        var gate = new TaskCompletionSource();
        object?[] arguments = [.. closed.GetParameters().Select(p => p.Position == parameter.Position ? lent.Collection : Argument(p, gate))];
        if (closed.GetParameters().Any(p => typeof(Delegate).IsAssignableFrom(p.ParameterType)))
            closed.Invoke(instance, [.. closed.GetParameters().Select(p => Argument(p, gate))]); // the call under test joins the load of this one
        var result = closed is ConstructorInfo constructor ? constructor.Invoke(arguments) : closed.Invoke(instance, arguments);
        lent.Close();
        Array.Clear(arguments);

        var way = HeldObjects.WayTo(lent.Collection, result, instance, test.Cache, gate, ExecutionContext.Capture());
        Assert.True(way is null, $"{Name((method, parameter))} is held: {way}");
        gate.SetResult();
        await (result switch
        {
            ValueTask task => task.AsTask(),
            ValueTask<InvalidationReceipt> receipt => receipt.AsTask(),
            ValueTask<string> value => value.AsTask(),
            ValueTask<CacheResult<string>> info => info.AsTask(),
            _ => Task.CompletedTask,
        });
        if (scope is not null)
            await scope.CompleteAsync(Stop);
        Assert.Null(lent.ReadLate);
    }

    private static IEnumerable<(MethodBase Method, ParameterInfo Parameter)> All()
    {
        foreach (var type in typeof(UnstaleCache).Assembly.GetExportedTypes().Append(typeof(Invalidator)).Except(Answers).Except(Interfaces))
        {
            var methods = type.GetMethods(Public).Where(method => !typeof(Delegate).IsAssignableFrom(type) && method.Name is not ("Equals" or "Deconstruct"));
            foreach (var method in type.GetConstructors(Public).Concat<MethodBase>(methods))
            {
                var isInstant = method.GetParameters().Any(p => p.ParameterType.IsByRef || p.ParameterType.IsByRefLike);
                foreach (var parameter in method.GetParameters().Where(p => !isInstant && IsCollection(p.ParameterType)))
                    yield return (method, parameter);
            }
        }
    }

    private static bool IsCollection(Type type) =>
        type != typeof(string) && type.IsInterface && typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType && type.Namespace == "System.Collections.Generic";

    private static string Name((MethodBase Method, ParameterInfo Parameter) one) => $"{one.Method.DeclaringType!.Name}.{one.Method.Name}({one.Parameter.Name})";

    private static MethodBase Close(MethodBase method) => method is MethodInfo { IsGenericMethodDefinition: true } open
        ? open.MakeGenericMethod([.. open.GetGenericArguments().Select(argument => argument.Name == "TState" ? typeof(int) : typeof(string))])
        : method;

    private static object Instance(Type type, CacheUnderTest test) => type.Name switch
    {
        nameof(UnstaleCache) => test.Cache,
        nameof(CacheNamespace) => test.Cache.Namespace("ns"),
        nameof(Invalidator) => test.Invalidator,
        nameof(InvalidationRules) => test.Cache.Rules,
        nameof(RuleBuilder) => RuleBuilder.When("x"),
        nameof(RuleSetBuilder) => new RuleSetBuilder(),
        nameof(InvalidationSet) => new InvalidationSet(new QueryKeys(new QueryCacheOptions())),
        nameof(CommandInvalidationOptions) => new CommandInvalidationOptions(),
        nameof(EventInvalidationRule) => new EventInvalidationRule(typeof(string)),
        _ => RuntimeHelpers.GetUninitializedObject(type),
    };

    private static object? Argument(ParameterInfo parameter, TaskCompletionSource gate)
    {
        var type = parameter.ParameterType;
        if (type == typeof(string))
            return parameter.Name == "reason" ? null : "k";
        if (type == typeof(object))
            return "k";
        if (type == typeof(Func<int, CancellationToken, ValueTask<string>>))
            return (Func<int, CancellationToken, ValueTask<string>>)(async (_, _) => await LoadedAsync(gate));
        if (type == typeof(Func<int, LoadContext, CancellationToken, ValueTask<string>>))
            return (Func<int, LoadContext, CancellationToken, ValueTask<string>>)(async (_, _, _) => await LoadedAsync(gate));
        if (type == typeof(Func<int, HybridCacheEntryContext, CancellationToken, ValueTask<string>>))
            return (Func<int, HybridCacheEntryContext, CancellationToken, ValueTask<string>>)(async (_, _, _) => await LoadedAsync(gate));
        if (type == typeof(Func<CancellationToken, ValueTask<string>>))
            return (Func<CancellationToken, ValueTask<string>>)(async _ => await LoadedAsync(gate));
        if (type == typeof(Func<LoadContext, CancellationToken, ValueTask<string>>))
            return (Func<LoadContext, CancellationToken, ValueTask<string>>)(async (_, _) => await LoadedAsync(gate));
        if (type == typeof(LogPositions))
            return LogPositions.Empty;
        if (type == typeof(SourceVersion))
            return new SourceVersion(1);
        if (type == typeof(int) && parameter.Name == "depth")
            return 1;
        if (IsCollection(type))
            return parameter.HasDefaultValue ? null : Lend(type, isArray: true).Collection;
        return type.IsValueType ? Activator.CreateInstance(type) : null;
    }

    private static async Task<string> LoadedAsync(TaskCompletionSource gate)
    {
        await gate.Task;
        return "v";
    }

    private static ILent Lend(Type type, bool isArray)
    {
        var arguments = type.GetGenericArguments();
        if (arguments.Length == 2)
            return new LentDictionary(new() { ["id"] = "7" });
        object[] elements = arguments[0] switch
        {
            var e when e == typeof(string) => ["a", "b"],
            var e when e == typeof(KeyPattern) => [new GlobPattern("a*")],
            var e when e == typeof(ChangeOperation) => [ChangeOperation.Create],
            var e when e == typeof(DataRelationship) => [new DataRelationship("a", ["b"])],
            var e when e == typeof(RuleDependency) => [new RuleDependency("a", ["b"])],
            var e when e == typeof(InvalidationTarget) => [InvalidationTarget.ForKey("a")],
            var e when e == typeof(RowChange) => [RowChange.OfTable("a")],
            var e when e == typeof(IInvalidationStrategy) => [],
            var e when e == typeof(InvalidationRule) => [new InvalidationRule { Name = "r", Triggers = ["a"], Tags = ["b"] }],
            var e => throw new NotSupportedException($"{e} needs an example"),
        };
        var array = Array.CreateInstance(arguments[0], elements.Length);
        elements.CopyTo(array, 0);
        return isArray ? new LentArray(array) : (ILent)Activator.CreateInstance(typeof(LentList<>).MakeGenericType(arguments[0]), array)!;
    }

    private interface ILent
    {
        object Collection { get; }

        string? ReadLate { get; }

        void Close();
    }

    private sealed class LentArray(Array array) : ILent
    {
        public object Collection => array;

        public string? ReadLate => null;

        public void Close() => Array.Clear(array);
    }

    private sealed class LentDictionary(Dictionary<string, object?> dictionary) : ILent
    {
        public object Collection => dictionary;

        public string? ReadLate => null;

        public void Close() => dictionary.Clear();
    }

    /// <summary>Records whether the list is read after the end of the call.</summary>
    private sealed class LentList<T>(T[] elements) : ReadOnlyCollection<T>(elements), IReadOnlyList<T>, ILent
    {
        private bool _isClosed;

        public object Collection => this;

        public string? ReadLate { get; private set; }

        int IReadOnlyCollection<T>.Count => Read(elements.Length);

        T IReadOnlyList<T>.this[int index] => Read(elements[index]);

        IEnumerator<T> IEnumerable<T>.GetEnumerator() => Read(((IEnumerable<T>)elements).GetEnumerator());

        IEnumerator IEnumerable.GetEnumerator() => Read(elements.GetEnumerator());

        public void Close() => _isClosed = true;

        private TResult Read<TResult>(TResult result)
        {
            if (_isClosed)
                ReadLate = Environment.StackTrace;
            return result;
        }
    }
}
