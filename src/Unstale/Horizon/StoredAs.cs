namespace Unstale.Horizon;

/// <summary>Sequences as of which a value of the second level is valid, and the names they apply to.</summary>
/// <param name="Stamp">Sequence as of which the value itself is valid, for every name.</param>
/// <param name="Confirmed">Sequence as of which the server confirmed the value for its names; at least <paramref name="Stamp"/>.</param>
/// <param name="Tags">Tags and key marks of the value. The server judges by no other names.</param>
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

    /// <summary>True if the value has all of the names.</summary>
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
