namespace Unstale.Hosting;

/// <summary>One call of <c>AddUnstale</c>.</summary>
/// <param name="Name">The name of the cache.</param>
/// <param name="Configure">The settings that the call gives; null for none.</param>
internal sealed record CacheRegistration(string Name, Action<UnstaleOptions>? Configure)
{
    /// <summary>Whether two calls give one setting two values: the first such setting, with both; null for none.</summary>
    /// <param name="other">The other call for the same cache.</param>
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
