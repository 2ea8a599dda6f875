namespace Unstale.AspNetCore;

/// <summary>How names of the log and tags of pages belong together.</summary>
public sealed class OutputCacheTargetOptions
{
    /// <summary>The tag that every page is given, and by which all of them are evicted. Default: <c>unstale</c>.</summary>
    public string EverythingTag { get; set; } = "unstale";

    /// <summary>
    /// The tags of the pages that show what the log calls by this key. Default: unknown, so that an invalidated key takes every page.
    /// </summary>
    public Func<string, IEnumerable<string>>? TagsOfKey { get; set; }
}
