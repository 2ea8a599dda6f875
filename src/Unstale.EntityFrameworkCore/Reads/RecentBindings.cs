using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Predicates that recent executions of a plan have bound, by the values of all parameters: a value that was invalidated is loaded again with the same
/// parameters.
/// </summary>
internal sealed class RecentBindings
{
    private const int Places = 16;

    private readonly Binding?[] _places = new Binding?[Places];
    private string[]? _names;

    /// <summary>Returns the predicates bound with equal parameters; null if there are none.</summary>
    /// <param name="parameters">Parameters of the execution.</param>
    /// <param name="hash">Creates the forms.</param>
    /// <param name="place">Place of the predicates; null if the parameters must not be kept.</param>
    public RowPredicate[]? Find(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, out int? place)
    {
        place = null;
        var names = _names ??= [.. parameters.Keys]; // of a plan, and so equal for threads that race
        if (names.Length != parameters.Count)
            return null;
        var code = 0;
        foreach (var name in names)
        {
            if (!parameters.TryGetValue(name, out var value) || !ExactValues.IsExact(value))
                return null;
            code = (code * 31) + (value?.GetHashCode() ?? 0);
        }

        place = (int)((uint)code % Places);
        return Volatile.Read(ref _places[place.Value]) is { } known && known.Hash == hash && HasValues(known, parameters) ? known.Predicates : null;
    }

    /// <summary>Keeps predicates in place of others.</summary>
    public void Keep(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, int place, RowPredicate[] predicates) =>
        Volatile.Write(ref _places[place], new(hash, Array.ConvertAll(_names!, name => parameters[name]), predicates));

    private bool HasValues(Binding known, IReadOnlyDictionary<string, object?> parameters)
    {
        for (var i = 0; i < known.Values.Length; i++)
        {
            if (!Equals(known.Values[i], parameters[_names![i]]))
                return false;
        }

        return true;
    }

    private sealed record Binding(ColumnHash Hash, object?[] Values, RowPredicate[] Predicates);
}
