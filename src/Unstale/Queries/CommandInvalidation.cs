using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Runs commands and applies the invalidations configured in the options after a command succeeds. A command that throws or returns a failure
/// invalidates nothing. An invalidation never makes a successful command fail: while the log is unavailable, the invalidation is queued and
/// retried. A rule that throws is logged and counted, and all cached queries are invalidated.
/// </summary>
public sealed class CommandInvalidation
{
    private readonly QueryInvalidator _invalidator;
    private readonly FailureResults _failures;
    private readonly MessageRules _rules = new();

    /// <summary>Creates an instance with the given options.</summary>
    /// <param name="invalidator">Invalidator of the cache that holds the queries.</param>
    /// <param name="options">Rules that map commands to invalidations.</param>
    public CommandInvalidation(QueryInvalidator invalidator, CommandInvalidationOptions options)
    {
        ArgumentNullException.ThrowIfNull(invalidator);
        ArgumentNullException.ThrowIfNull(options);
        (_invalidator, _failures) = (invalidator, options.Failures);
        foreach (var rule in options.Rules)
            _rules.Add(rule);
    }

    /// <summary>Runs a command that returns a value.</summary>
    /// <param name="command">Command to run. The runtime type selects the rules.</param>
    /// <param name="next">Function that runs the command. Changes must be committed when the returned task completes.</param>
    /// <param name="cancellationToken">Passed to <paramref name="next"/>. The invalidation that follows is not cancelled.</param>
    /// <returns>Value returned by the command. The invalidation is in force on this node by then.</returns>
    public async ValueTask<T> ExecuteAsync<T>(object command, Func<CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(next);
        var result = await next(cancellationToken).ConfigureAwait(false);
        await InvalidateAsync(command, result).ConfigureAwait(false);
        return result;
    }

    /// <summary>Runs a command that returns no value.</summary>
    /// <inheritdoc cref="ExecuteAsync{T}(object, Func{CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public async ValueTask ExecuteAsync(object command, Func<CancellationToken, ValueTask> next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(next);
        await next(cancellationToken).ConfigureAwait(false);
        await InvalidateAsync(command, result: null).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ExecuteAsync{T}(object, Func{CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public async ValueTask<T> ExecuteAsync<TCommand, T>(
        TCommand command, Func<TCommand, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(next);
        var result = await next(command, cancellationToken).ConfigureAwait(false);
        await InvalidateAsync(command, result).ConfigureAwait(false);
        return result;
    }

    /// <inheritdoc cref="ExecuteAsync(object, Func{CancellationToken, ValueTask}, CancellationToken)"/>
    public async ValueTask ExecuteAsync<TCommand>(
        TCommand command, Func<TCommand, CancellationToken, ValueTask> next, CancellationToken cancellationToken = default)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(next);
        await next(command, cancellationToken).ConfigureAwait(false);
        await InvalidateAsync(command, result: null).ConfigureAwait(false);
    }

    private async ValueTask InvalidateAsync(object command, object? result)
    {
        var rules = _rules.For(command.GetType());
        if (rules.Length == 0 || _failures.IsFailure(result, whenUnknown: false))
            return;
        try
        {
            await _invalidator.RaiseAsync(MessageKind.Command, command, result, rules, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            await InvalidateAllAsync().ConfigureAwait(false); // a logger or a listener threw: the extent of the invalidation is unknown
        }
    }

    private async ValueTask InvalidateAllAsync()
    {
        try
        {
            await _invalidator.InvalidateAllQueriesAsync("command").ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The command has succeeded, and no way of reporting the failure remains.
        }
    }
}
