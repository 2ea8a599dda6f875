namespace Unstale.Queries;

/// <summary>What commands make untrue once they have succeeded. Rules for one type, its base types and its interfaces add up.</summary>
public sealed class CommandInvalidationOptions
{
    /// <summary>Which results are failures: they invalidate nothing.</summary>
    public FailureResults Failures { get; } = new();

    internal List<MessageRule> Rules { get; } = [];

    /// <summary>A rule that names what is untrue from the command's data.</summary>
    /// <param name="map">Adds to the set.</param>
    /// <param name="logInvalidation">Whether a line of the log says what was cleared.</param>
    /// <returns>This.</returns>
    public CommandInvalidationOptions On<TCommand>(Action<TCommand, InvalidationSet> map, bool logInvalidation = true)
    {
        ArgumentNullException.ThrowIfNull(map);
        Rules.Add(new MessageRule(typeof(TCommand), (command, _, set) => map((TCommand)command, set), logInvalidation));
        return this;
    }

    /// <summary>A rule that also looks at the result: the id of what was created, for example.</summary>
    /// <param name="map">Adds to the set. Where the command returns another type, that counts as a rule that threw.</param>
    /// <param name="logInvalidation">Whether a line of the log says what was cleared.</param>
    /// <returns>This.</returns>
    public CommandInvalidationOptions On<TCommand, TResult>(Action<TCommand, TResult, InvalidationSet> map, bool logInvalidation = true)
    {
        ArgumentNullException.ThrowIfNull(map);
        Rules.Add(new MessageRule(
            typeof(TCommand),
            (command, result, set) => map((TCommand)command, result is TResult typed ? typed : throw Errors.CommandResult(command.GetType(), typeof(TResult), result), set),
            logInvalidation));
        return this;
    }

    /// <summary>A rule that takes the same patterns for every command of the type.</summary>
    /// <param name="patterns">The patterns.</param>
    /// <returns>This.</returns>
    public CommandInvalidationOptions On<TCommand>(params IReadOnlyCollection<KeyPattern> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        Rules.Add(EventInvalidationRule.For<TCommand>(patterns).Compiled());
        return this;
    }
}
