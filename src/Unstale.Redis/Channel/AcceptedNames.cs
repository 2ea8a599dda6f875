namespace Unstale.Redis.Channel;

/// <summary>
/// Decides which keys and patterns a service may name. A pattern is judged by its literal prefix, the text before its first wildcard,
/// because nothing else of a pattern bounds what it matches.
/// </summary>
internal sealed class AcceptedNames(ChannelBridgeOptions options)
{
    /// <summary>Whether a message may reach everything; then nothing is judged.</summary>
    public bool IsUnlimited => options.AcceptEverything;

    /// <summary>Whether prefixes are listed. Without a list any key is accepted, and any pattern that begins with a literal character.</summary>
    public bool HasLists => options.Accepted.Count > 0 || options.AcceptedFrom.Count > 0;

    /// <summary>All prefixes of all lists.</summary>
    public IEnumerable<string> AllPrefixes => options.Accepted.Concat(options.AcceptedFrom.Values.SelectMany(static prefixes => prefixes)).Distinct(StringComparer.Ordinal);

    /// <summary>Whether keys that begin with this text may be named, whatever follows.</summary>
    public bool IsAccepted(string service, string prefix) =>
        IsUnlimited || (HasLists ? Covering(service, prefix) is not null : prefix.Length > 0);

    /// <summary>The listed prefix of the service that covers this text; null when none does.</summary>
    public string? Covering(string service, string prefix) =>
        Listed(service).Where(listed => prefix.StartsWith(listed, StringComparison.Ordinal)).MinBy(static listed => listed.Length);

    /// <summary>Services without a list of their own are one, because a name is not proven and an attacker may use any number of them.</summary>
    public string QueueOf(string service) => HasLists && !options.AcceptedFrom.ContainsKey(service) ? "" : service;

    private HashSet<string> Listed(string service) => options.AcceptedFrom.TryGetValue(service, out var own) ? own : options.Accepted;
}
