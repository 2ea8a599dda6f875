namespace Unstale.AspNetCore;

/// <summary>Mapping between names in the log and tags of pages.</summary>
public sealed class OutputCacheSinkOptions
{
    /// <summary>Tag added to every page, by which all pages are evicted. Default: <c>unstale</c>.</summary>
    public string EverythingTag { get; set; } = "unstale";

    /// <summary>
    /// Function that returns the tags of the pages that show the entry with this key. Default: null, so an invalidated key evicts every page.
    /// </summary>
    public Func<string, IEnumerable<string>>? TagsOfKey { get; set; }
}
