using System.Collections;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Values of a term: constants and parameters of a plan, or one parameter with a list.</summary>
internal sealed class ValueSource
{
    private readonly object?[] _values;
    private readonly string? _list;

    private ValueSource(object?[] values, string? list)
    {
        _values = values;
        _list = list;
    }

    public static ValueSource Null { get; } = OfConstant(value: null);

    /// <summary>Whether the values are the same in each execution.</summary>
    public bool IsConstant => _list is null && Array.TrueForAll(_values, static value => value is not Parameter);

    public static ValueSource OfConstant(object? value) => new([value], list: null);

    public static ValueSource OfParameter(string name) => new([new Parameter(name)], list: null);

    public static ValueSource OfList(string parameter) => new([], parameter);

    public static ValueSource Union(IEnumerable<ValueSource> sources) => new([.. sources.SelectMany(static source => source._values)], list: null);

    /// <summary>Reads the values of one execution. Returns false if a parameter is missing or no list.</summary>
    public bool TryRead(IReadOnlyDictionary<string, object?> parameters, List<object?> values)
    {
        if (_list is not null)
        {
            if (!parameters.TryGetValue(_list, out var list) || list is not IEnumerable items)
                return false;
            foreach (var item in items)
                values.Add(item);
            return true;
        }

        foreach (var value in _values)
        {
            if (value is not Parameter parameter)
                values.Add(value);
            else if (parameters.TryGetValue(parameter.Name, out var bound))
                values.Add(bound);
            else
                return false;
        }

        return true;
    }

    private sealed record Parameter(string Name);
}
