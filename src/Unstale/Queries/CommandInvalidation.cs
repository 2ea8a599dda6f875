using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Runs commands and, after those that succeeded, invalidates what the options name for them. A command that throws or returns a failure
/// invalidates nothing. A command that has succeeded never fails because of an invalidation: when the log is away it is queued and sent
/// again; a rule that throws is logged, counted, and all cached queries are invalidated.
/// </summary>
public sealed class CommandInvalidation
{
    private readonly QueryInvalidator _invalidator;
    private readonly FailureResults _failures;
    private readonly MessageRules _rules = new();

    /// <summary>Runs commands by these options.</summary>
    /// <param name="invalidator">Of the cache that holds the queries.</param>
    /// <param name="options">What commands make untrue.</param>
    public CommandInvalidation(QueryInvalidator invalidator, CommandInvalidationOptions options)
    {
        ArgumentNullException.ThrowIfNull(invalidator);
        ArgumentNullException.ThrowIfNull(options);
        (_invalidator, _failures) = (invalidator, options.Failures);
        foreach (var rule in options.Rules)
            _rules.Add(rule);
    }

    /// <summary>Runs a command that returns something.</summary>
    /// <param name="command">The command. Its type at run time counts.</param>
    /// <param name="next">Runs it, and has committed when it ends.</param>
    /// <param name="cancellationToken">Given to <paramref name="next"/>. What follows it is not cancelled.</param>
    /// <returns>What it returned; what it made untrue is in force on this node.</returns>
    public async ValueTask<T> ExecuteAsync<T>(object command, Func<CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(next);
        var result = await next(cancellationToken).ConfigureAwait(false);
        await InvalidateAsync(command, result).ConfigureAwait(false);
        return result;
    }

    /// <summary>Runs a command that returns nothing.</summary>
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
            await InvalidateAllAsync().ConfigureAwait(false); // a logger or a listener threw: nobody knows how far it came
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
            // The command has succeeded, and there is nobody left to tell.
        }
    }
}
