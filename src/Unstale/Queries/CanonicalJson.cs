using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>Writes an object's state as canonical JSON: equal states have the same text, different states have different texts.</summary>
internal sealed class CanonicalJson
{
    private const int MaximumDepth = 64;
    private readonly Type _query;
    private readonly ICanonicalTypes _types;
    private readonly List<object> _open = [];
    private readonly List<string> _path = [];

    private CanonicalJson(Type query, ICanonicalTypes types) => (_query, _types) = (query, types);

    public static string Write(object query, ICanonicalTypes types)
    {
        var text = new StringBuilder();
        new CanonicalJson(query.GetType(), types).Write(text, query, query.GetType());
        return text.ToString();
    }

    private void Write(StringBuilder text, object? value, Type declared)
    {
        if (value is null)
        {
            text.Append("null");
            return;
        }

        var type = value.GetType();
        var expected = Nullable.GetUnderlyingType(declared) ?? declared;
        if (_types.ShapeFor(type, expected, out var refusal) is { } shape)
            Within(value, () => WriteShape(text, value, shape));
        else if (refusal is not null)
            throw Refused(refusal);
        else if (type != expected)
            throw Refused(CanonicalShapes.OtherType(expected, type));
        else if (!CanonicalLeaves.TryWrite(text, value))
            WriteObject(text, value, type);
    }

    private void WriteObject(StringBuilder text, object value, Type type)
    {
        if (CanonicalShapes.WhyRefused(type) is { } why)
            throw Refused(why);
        var members = _types.MembersOf(type, out var refusal);
        if (refusal is not null)
            throw Refused(refusal);
        Within(value, () =>
        {
            var separator = '{';
            foreach (var (name, declared, read) in members)
            {
                text.Append(separator);
                CanonicalLeaves.WriteString(text, name);
                text.Append(':');
                At(name, () => Write(text, read(value), declared));
                separator = ',';
            }

            text.Append(separator == '{' ? "{}" : "}");
        });
    }

    private void WriteShape(StringBuilder text, object value, CanonicalShape shape)
    {
        if (shape.Key is not null)
        {
            WriteSorted(text, '{', '}', Pairs(value, shape));
            return;
        }

        var elements = new List<string>();
        foreach (var element in (IEnumerable)value)
            elements.Add(At("[]", () => Text(element, shape.Element)));
        if (shape.IsSet)
            WriteSorted(text, '[', ']', elements);
        else
            text.Append('[').AppendJoin(',', elements).Append(']');
    }

    private List<string> Pairs(object value, CanonicalShape shape)
    {
        var pairs = new List<string>();
        foreach (var (key, held) in _types.PairsOf((IEnumerable)value))
        {
            var name = key as string ?? At("[key]", () => Text(key, shape.Key!));
            var written = new StringBuilder();
            CanonicalLeaves.WriteString(written, name);
            written.Append(':');
            At(key is string ? name : "[]", () => Write(written, held, shape.Element));
            pairs.Add(written.ToString());
        }

        return pairs;
    }

    private string Text(object? value, Type declared)
    {
        var text = new StringBuilder();
        Write(text, value, declared);
        return text.ToString();
    }

    private static void WriteSorted(StringBuilder text, char open, char close, List<string> parts)
    {
        parts.Sort(StringComparer.Ordinal);
        text.Append(open).AppendJoin(',', parts).Append(close);
    }

    /// <summary>Writes the contents of an object. Throws if the object contains itself or is nested too deep.</summary>
    private void Within(object value, Action write)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_open.Count == MaximumDepth)
            throw Refused("the value is nested too deeply");
        if (!value.GetType().IsValueType && _open.Exists(open => ReferenceEquals(open, value)))
            throw Refused("the value contains itself");
        _open.Add(value);
        write();
        _open.RemoveAt(_open.Count - 1);
    }

    private void At(string name, Action write)
    {
        _path.Add(name);
        write();
        _path.RemoveAt(_path.Count - 1);
    }

    private string At(string name, Func<string> write)
    {
        _path.Add(name);
        var text = write();
        _path.RemoveAt(_path.Count - 1);
        return text;
    }

    private InvalidOperationException Refused(string why) => Errors.QueryHasNoHash(_query, _path, why);
}
