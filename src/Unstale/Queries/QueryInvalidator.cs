using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Applies the invalidations of events and commands to the log of one cache, counts them and logs the number of removed entries. Injected into
/// a <see cref="CacheInvalidationStrategy"/> by the service container.
/// </summary>
public sealed class QueryInvalidator : IDisposable
{
    private readonly IInvalidator _invalidator;
    private readonly QueryKeys _keys;
    private readonly MessageMetrics _metrics;
    private readonly RemovalReporter _reports;
    private readonly GuardedLogger _logger;
    private readonly GuardedTime _time;
    private readonly string _cache;

    internal QueryInvalidator(string cache, IInvalidator invalidator, QueryKeys keys, MessageMetrics metrics, GuardedLogger logger, GuardedTime time)
    {
        (_cache, _invalidator, _keys, _metrics, _logger, _time) = (cache, invalidator, keys, metrics, logger, time);
        _reports = new RemovalReporter(metrics, logger, time);
    }

    /// <summary>Invalidates all results in the query cache. Intended for cases in which the stale results cannot be determined.</summary>
    /// <param name="reason">Human-readable reason.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask<InvalidationReceipt> InvalidateAllQueriesAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        _invalidator.InvalidateAsync(patterns: [_keys.AllQueries], reason: reason, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _reports.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Invalidates the names added by the rules. If a rule throws or a name is rejected, all cached queries are invalidated. Does not throw.</summary>
    internal async ValueTask<Raised> RaiseAsync(
        MessageKind kind, object message, object? result, MessageRule[] rules, CancellationToken cancellationToken)
    {
        var name = TypeNames.NameOf(message.GetType());
        var started = _time.GetTimestamp();
        var raised = new Raised();
        var set = Map(kind, name, message, result, rules, raised);
        set.End();
        if (set.IsEmpty)
            return raised;
        await RaiseAsync(kind, name, set, raised, cancellationToken).ConfigureAwait(false);
        var elapsed = _time.GetElapsedTime(started);
        foreach (var pattern in set.Templates)
            _metrics.Raised(kind, name, pattern, elapsed);
        _reports.Follow(kind, name, raised.Patterns, Array.Exists(rules, static rule => rule.IsLogged));
        return raised;
    }

    private InvalidationSet Map(MessageKind kind, string name, object message, object? result, MessageRule[] rules, Raised raised)
    {
        var set = new InvalidationSet(_keys);
        foreach (var rule in rules)
        {
            if (UserCode.Call(CallOut.Rule, (rule, message, result, set), static s => s.rule.Map(s.message, s.result, s.set)) is { } failure)
            {
                // Names added before the exception still apply. The remaining names are unknown.
                set.AllQueries();
                raised.Failures.Add(failure);
                _metrics.Failed(kind, name);
                _logger.RuleFailed(failure, _cache, MessageMetrics.Word(kind), name);
            }
        }

        return set;
    }

    private async ValueTask RaiseAsync(MessageKind kind, string name, InvalidationSet set, Raised raised, CancellationToken cancellationToken)
    {
        var reason = $"{MessageMetrics.Word(kind)} {name}";
        var isUnknown = false;
        foreach (var (patterns, call) in Calls(set, reason, cancellationToken))
        {
            try
            {
                raised.Add(patterns, await call().ConfigureAwait(false));
            }
            catch (InvalidationLogUnavailableException away)
            {
                raised.Add(patterns, away.Receipt);
                raised.Failures.Add(away);
            }
            catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
            {
                raised.Failures.Add(cancelled); // the wait was cancelled, the invalidation was not
            }
            catch (Exception failure)
            {
                isUnknown = true;
                raised.Failures.Add(failure);
                _metrics.Failed(kind, name);
                _logger.RaiseFailed(_cache, MessageMetrics.Word(kind), name, Why(failure));
            }
        }

        if (isUnknown)
            await RaiseAllAsync(kind, name, reason, raised, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns a message for the log. Omits the message of a rejected name, because that message may contain the name, which may be private.</summary>
    private static string Why(Exception failure) =>
        (failure.InnerException as ArgumentException ?? failure) is ArgumentException { ParamName: var name } ? $"a {name} is invalid." : UserCode.MessageOf(failure);

    private async ValueTask RaiseAllAsync(MessageKind kind, string name, string reason, Raised raised, CancellationToken cancellationToken)
    {
        RaisedPattern[] all = [new(_keys.AllQueries.Text)];
        try
        {
            raised.Add(all, await InvalidateAllQueriesAsync(reason, cancellationToken).ConfigureAwait(false));
        }
        catch (InvalidationLogUnavailableException away)
        {
            raised.Add(all, away.Receipt);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The wait was cancelled, the invalidation was not.
        }
        catch (Exception failure)
        {
            raised.Failures.Add(failure);
            _metrics.Failed(kind, name);
            _logger.NothingRaised(failure, _cache, MessageMetrics.Word(kind), name);
        }
    }

    private IEnumerable<(RaisedPattern[] Patterns, Func<ValueTask<InvalidationReceipt>> Call)> Calls(InvalidationSet set, string reason, CancellationToken cancellationToken)
    {
        if (set.IsEverything)
            yield return ([new(InvalidationSet.EverythingTemplate)], () => _invalidator.InvalidateEverythingAsync(reason, cancellationToken));
        else if (set.Groups is { Length: > 0 } groups)
            yield return CallOf(groups, reason, cancellationToken);
        RaisedPattern[] changes = [new(InvalidationSet.ChangesTemplate)];
        foreach (var change in set.Changes)
            yield return (changes, () => _invalidator.ChangedAsync(change, cancellationToken));
    }

    /// <summary>
    /// Returns the call for all names. The entries are counted by pattern, unless the application has replaced the invalidator, or the names are so many that the
    /// log receives "everything".
    /// </summary>
    private (RaisedPattern[] Patterns, Func<ValueTask<InvalidationReceipt>> Call) CallOf(NamedGroup[] groups, string reason, CancellationToken cancellationToken)
    {
        if (_invalidator is IGroupInvalidator counting && groups.Sum(static group => group.Count) <= Invalidation.MostTargets)
            return ([.. groups.Select(static group => new RaisedPattern(group.Text) { Group = group })], () => counting.InvalidateAsync(groups, reason, cancellationToken));
        return (
            [new(string.Join(", ", groups.Select(static group => group.Text)))],
            () => _invalidator.InvalidateAsync(
                groups.SelectMany(static group => group.Keys),
                groups.SelectMany(static group => group.Tags),
                groups.SelectMany(static group => group.Patterns),
                reason: reason,
                cancellationToken: cancellationToken));
    }
}

/// <summary>Patterns, receipts and failures of an invalidation.</summary>
internal sealed class Raised
{
    /// <summary>Patterns of the invalidations that were raised, in the order of the calls.</summary>
    public List<RaisedPattern> Patterns { get; } = [];

    public List<InvalidationReceipt> Receipts { get; } = [];

    public List<Exception> Failures { get; } = [];

    /// <summary>Adds the receipt of a call to each pattern of the call.</summary>
    public void Add(RaisedPattern[] patterns, InvalidationReceipt receipt)
    {
        Receipts.Add(receipt);
        foreach (var pattern in patterns)
        {
            if (pattern.Receipts.Count == 0)
                Patterns.Add(pattern);
            pattern.Receipts.Add(receipt);
        }
    }

    public void ThrowIfFailed()
    {
        if (Failures.Count == 1)
            ExceptionDispatchInfo.Throw(Failures[0]);
        if (Failures.Count > 1)
            throw new AggregateException(Failures);
    }
}
