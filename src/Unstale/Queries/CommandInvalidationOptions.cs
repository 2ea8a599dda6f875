using Unstale.Values;

namespace Unstale.Queries;

/// <summary>Rules that map successful commands to invalidations. All rules for a command's type, base types and interfaces apply.</summary>
public sealed class CommandInvalidationOptions
{
    internal FailureResults Failures { get; } = new();

    internal List<MessageRule> Rules { get; } = [];

    /// <summary>
    /// Adds a test for failed results, in addition to <see cref="ISucceeded"/>. A failure invalidates nothing. A test that throws counts as false.
    /// </summary>
    /// <typeparam name="TResult">Result type, or a base type or interface of several result types.</typeparam>
    /// <param name="isFailure">Test that returns true for a failure.</param>
    /// <returns>This instance.</returns>
    public CommandInvalidationOptions FailWhen<TResult>(Func<TResult, bool> isFailure)
    {
        Failures.Add(isFailure);
        return this;
    }

    /// <summary>Adds a rule that derives the invalidated names from the command's data.</summary>
    /// <param name="map">Delegate that adds names to the set.</param>
    /// <param name="logInvalidation">Whether the invalidation is logged with the number of removed entries.</param>
    /// <returns>This instance.</returns>
    public CommandInvalidationOptions On<TCommand>(Action<TCommand, InvalidationSet> map, bool logInvalidation = true)
    {
        ArgumentNullException.ThrowIfNull(map);
        Rules.Add(new MessageRule(typeof(TCommand), (command, _, set) => map((TCommand)command, set), logInvalidation));
        return this;
    }

    /// <summary>Adds a rule that also uses the result, for example the id of a created entity.</summary>
    /// <param name="map">Delegate that adds names to the set. A result of another type counts as an exception of the rule.</param>
    /// <param name="logInvalidation">Whether the invalidation is logged with the number of removed entries.</param>
    /// <returns>This instance.</returns>
    public CommandInvalidationOptions On<TCommand, TResult>(Action<TCommand, TResult, InvalidationSet> map, bool logInvalidation = true)
    {
        ArgumentNullException.ThrowIfNull(map);
        Rules.Add(new MessageRule(
            typeof(TCommand),
            (command, result, set) => map((TCommand)command, result is TResult typed ? typed : throw Errors.CommandResult(command.GetType(), typeof(TResult), result), set),
            logInvalidation));
        return this;
    }

    /// <summary>Adds a rule that invalidates the same patterns for every command of the type.</summary>
    /// <param name="patterns">Patterns to invalidate.</param>
    /// <returns>This instance.</returns>
    public CommandInvalidationOptions On<TCommand>(params IReadOnlyCollection<KeyPattern> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        Rules.Add(EventInvalidationRule.For<TCommand>(patterns).Compiled());
        return this;
    }
}
