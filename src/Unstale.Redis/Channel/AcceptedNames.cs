namespace Unstale.Redis.Channel;

/// <summary>
/// Decides which keys and patterns a service may name. A pattern is checked by its literal prefix, the text before the first wildcard, because nothing
/// else in a pattern limits the matching keys.
/// </summary>
internal sealed class AcceptedNames(ChannelBridgeOptions options)
{
    /// <summary>Whether a message may name everything. If so, nothing is checked.</summary>
    public bool IsUnlimited => options.AcceptEverything;

    /// <summary>Whether prefixes are listed. Without a list, any key is accepted, and any pattern with a literal first character.</summary>
    public bool HasLists => options.Accepted.Count > 0 || options.AcceptedFrom.Count > 0;

    /// <summary>Distinct prefixes of all lists.</summary>
    public IEnumerable<string> AllPrefixes => options.Accepted.Concat(options.AcceptedFrom.Values.SelectMany(static prefixes => prefixes)).Distinct(StringComparer.Ordinal);

    /// <summary>Whether a service may name all keys that begin with this text.</summary>
    public bool IsAccepted(string service, string prefix) =>
        IsUnlimited || (HasLists ? Covering(service, prefix) is not null : prefix.Length > 0);

    /// <summary>Returns the listed prefix of the service that covers this text; null if there is none.</summary>
    public string? Covering(string service, string prefix) =>
        Listed(service).Where(listed => prefix.StartsWith(listed, StringComparison.Ordinal)).MinBy(static listed => listed.Length);

    /// <summary>
    /// Returns the queue of a service. Services without a list of their own share one queue, because a name is unverified and an attacker may use any number
    /// of names.
    /// </summary>
    public string QueueOf(string service) => HasLists && !options.AcceptedFrom.ContainsKey(service) ? "" : service;

    private HashSet<string> Listed(string service) => options.AcceptedFrom.TryGetValue(service, out var own) ? own : options.Accepted;
}
