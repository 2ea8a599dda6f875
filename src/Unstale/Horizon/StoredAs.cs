namespace Unstale.Horizon;

/// <summary>The sequences that a value of the second level is true as of, and for which names.</summary>
/// <param name="Stamp">The sequence that the value itself is true as of, whatever concerns it.</param>
/// <param name="Confirmed">The sequence that the server has confirmed it as of by the names that it carries; at least <paramref name="Stamp"/>.</param>
/// <param name="Tags">The tags, and the marks of keys, that it carries. The server judges by these and no others.</param>
internal readonly record struct StoredAs(long Stamp, long Confirmed, IReadOnlyList<string> Tags)
{
    public bool Carries(string name)
    {
        for (var i = 0; i < Tags.Count; i++)
        {
            if (string.Equals(Tags[i], name, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>True if each of these names is among those of the value.</summary>
    public bool CarriesAll(ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Carries(name))
                return false;
        }

        return true;
    }
}
