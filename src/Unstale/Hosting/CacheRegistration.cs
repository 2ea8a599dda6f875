namespace Unstale.Hosting;

/// <summary>Call of <c>AddUnstale</c>.</summary>
/// <param name="Name">Name of the cache.</param>
/// <param name="Configure">Settings given by the call; null for none.</param>
internal sealed record CacheRegistration(string Name, Action<UnstaleOptions>? Configure)
{
    /// <summary>Returns the first setting to which two calls give different values, with both values; null for none.</summary>
    /// <param name="other">Other call for the same cache.</param>
    public (string Setting, object? First, object? Second)? ContradictionTo(CacheRegistration other)
    {
        if (Configure is null || other.Configure is null || Configure == other.Configure)
            return null;
        var (defaults, first, second) = (new UnstaleOptions(), new UnstaleOptions(), new UnstaleOptions());
        Configure(first);
        other.Configure(second);
        foreach (var setting in typeof(UnstaleOptions).GetProperties().Where(static p => p.CanWrite && (p.PropertyType.IsValueType || p.PropertyType == typeof(string))))
        {
            var (unset, one, two) = (setting.GetValue(defaults), setting.GetValue(first), setting.GetValue(second));
            if (!Equals(one, two) && !Equals(one, unset) && !Equals(two, unset))
                return (setting.Name, one, two);
        }

        return null;
    }
}
