using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Prepared targets of a rule: targets common to all changes, and templates that depend on values of a change.</summary>
internal sealed class RuleTargets
{
    private readonly NamedTarget[] _fixed;
    private readonly Template[] _tags;
    private readonly Template[] _keys;
    private readonly Template[] _globs;

    /// <exception cref="ArgumentException">A name is empty, a template is invalid, or a pattern is too long.</exception>
    public RuleTargets(InvalidationRule rule)
    {
        var ready = new List<InvalidationTarget>();
        _tags = Read(rule.Tags, "tag", text => ready.Add(TagTarget(text)));
        _keys = Read(rule.Keys, "key", text => ready.Add(InvalidationTarget.ForKey(text)));
        _globs = Read(rule.Globs, "glob", text => ready.Add(InvalidationTarget.ForPattern(new GlobPattern(text))));
        foreach (var glob in _globs)
            CheckPlaces(glob);
        ready.AddRange(rule.Patterns.Select(InvalidationTarget.ForPattern));
        _fixed = [.. ready.Select(target => new NamedTarget(target, Chain: null))];
    }

    /// <summary>Adds the targets of the rule for a change.</summary>
    /// <returns>Number of missing values.</returns>
    public int AddTo(List<NamedTarget> targets, Change change)
    {
        targets.AddRange(_fixed);
        var missing = 0;
        foreach (var tag in _tags)
            missing += AddTags(tag, targets, change);
        foreach (var key in _keys)
            missing += AddKeys(key, targets, change, why: null);
        foreach (var glob in _globs)
            missing += glob.ForEach(change, values => AddPattern(targets, glob.Glob(values), why: null));
        return missing;
    }

    public static InvalidationTarget TagTarget(string tag) =>
        tag == "*" ? InvalidationTarget.Everything : InvalidationTarget.ForTag(tag);

    /// <summary>Adds the keys of a template. If a value is missing, adds a glob that matches every possible key.</summary>
    /// <param name="key">Template of the keys.</param>
    /// <param name="targets">List that receives the targets.</param>
    /// <param name="change">Source of the values.</param>
    /// <param name="why">Invalidated name on which the key depends; null if the rule names the key.</param>
    public static int AddKeys(Template key, List<NamedTarget> targets, Change change, string? why) => key.ForEach(change, values =>
    {
        if (Array.IndexOf(values, null) >= 0)
            AddPattern(targets, key.KeyAsGlob(values), why);
        else if (key.Plain(values) is var text)
            targets.Add(new(InvalidationTarget.ForKey(text), Chain(why, text)));
    });

    private static int AddTags(Template tag, List<NamedTarget> targets, Change change) => tag.ForEach(change, values =>
    {
        if (Array.IndexOf(values, null) >= 0)
            targets.Add(new(InvalidationTarget.Everything, Chain: null));
        else if (tag.Plain(values) is var text && MayBeCarried(text))
            targets.Add(new(InvalidationTarget.ForTag(text), Chain: null));
    });

    /// <summary>
    /// Returns whether an entry can carry a tag. A value can produce a text that is not a valid tag. Such a text matches nothing, and a resulting
    /// "*" must not invalidate everything.
    /// </summary>
    private static bool MayBeCarried(string tag) => tag != "*" && tag[0] != '\0' && CacheNames.HalfPairIn(tag) < 0;

    private static void AddPattern(List<NamedTarget> targets, string glob, string? why)
    {
        // No key contains half of a surrogate pair. A text too long for a pattern is too imprecise to invalidate less than everything.
        if (CacheNames.HalfPairIn(glob) >= 0)
            return;
        targets.Add(new(glob.Length > KeyPattern.MaximumLength ? InvalidationTarget.Everything : InvalidationTarget.ForPattern(new GlobPattern(glob)), Chain(why, glob)));
    }

    private static string? Chain(string? why, string name) => why is null ? null : $"{why} -> {name}";

    /// <summary>
    /// Checks the positions of placeholders in a glob. A value is matched literally, and a missing value matches any run of characters. Neither works
    /// within brackets or after a backslash.
    /// </summary>
    private static void CheckPlaces(Template glob)
    {
        var (inClass, escaped) = (false, false);
        foreach (var literal in glob.LiteralsBeforePlaces)
        {
            foreach (var c in literal)
            {
                inClass = escaped ? inClass : inClass ? c != ']' : c == '[';
                escaped = !escaped && c == '\\';
            }

            if (inClass || escaped)
                throw Errors.PlaceholderInGlob(glob.Text);
        }
    }

    private static Template[] Read(IEnumerable<string> texts, string what, Action<string> whenFixed)
    {
        var open = new List<Template>();
        foreach (var text in texts)
        {
            RuleNames.Check(text, what);
            var template = Template.Parse(text);
            if (template.Fixed is { } known)
                whenFixed(known);
            else
                open.Add(template);
        }

        return [.. open];
    }
}
