using Microsoft.Extensions.DependencyInjection;

namespace Unstale.Store;

/// <summary>The service scope of one load, made when the load first asks for it. Branches of the load share it.</summary>
internal sealed class LoadServices(IServiceScopeFactory scopes)
{
    private readonly Lock _gate = new();
    private AsyncServiceScope? _scope;
    private bool _isEnded;

    /// <param name="key">The key that is loaded, for the message.</param>
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
