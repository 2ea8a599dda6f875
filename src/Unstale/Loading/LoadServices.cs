using Microsoft.Extensions.DependencyInjection;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>Service scope of one load, created at first use. Branches of the load share the scope.</summary>
internal sealed class LoadServices(IServiceScopeFactory scopes)
{
    private readonly Lock _gate = new();
    private AsyncServiceScope? _scope;
    private bool _isEnded;

    /// <param name="key">Key being loaded, for the message.</param>
    public IServiceProvider Get(string key)
    {
        lock (_gate)
        {
            if (_isEnded)
                throw Errors.LoadServicesEnded(key);
            _scope ??= scopes.CreateAsyncScope();
            return _scope.Value.ServiceProvider;
        }
    }

    public ValueTask EndAsync()
    {
        AsyncServiceScope? scope;
        lock (_gate)
        {
            _isEnded = true;
            (scope, _scope) = (_scope, null);
        }

        return scope?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
