using Unstale.Log;
using Unstale.Values;

namespace Unstale.Rules;

/// <summary>Prepared targets of a rule: targets common to all changes, and templates that depend on values of a change.</summary>
internal sealed class RuleTargets
{
    private readonly InvalidationTarget[] _fixed;
    private readonly Template[] _tags;
    private readonly Template[] _keys;
    private readonly Template[] _globs;

    /// <exception cref="ArgumentException">A name is empty, a template is invalid, or a pattern is too long.</exception>
    public RuleTargets(InvalidationRule rule)
    {
        var ready = new List<InvalidationTarget>();
        _tags = Parse(rule.Tags, "tag", text => ready.Add(InvalidationTarget.ForTagOrAll(text)));
        _keys = Parse(rule.Keys, "key", text => ready.Add(InvalidationTarget.ForKey(text)));
        _globs = Parse(rule.Globs, "glob", text => ready.Add(InvalidationTarget.ForPattern(new GlobPattern(text))));
        foreach (var glob in _globs)
            CheckPlaces(glob);
        ready.AddRange(rule.Patterns.Select(InvalidationTarget.ForPattern));
        _fixed = [.. ready];
    }

    /// <summary>Adds the targets of the rule for a change.</summary>
    /// <returns>Number of missing values.</returns>
    public int AddTo(InvalidationBuilder targets, Change change, InvalidationCause cause)
    {
        foreach (var target in _fixed)
            targets.Add(new(target, cause));
        var missing = 0;
        foreach (var tag in _tags)
            missing += AddTags(tag, targets, change, cause);
        foreach (var key in _keys)
            missing += AddKeys(key, targets, change, cause, why: null);
        foreach (var glob in _globs)
            missing += AddGlobs(glob, targets, change, cause);
        return missing;
    }

    /// <summary>Adds the keys of a template. If a value is missing, adds a glob that matches every possible key.</summary>
    /// <param name="key">Template of the keys.</param>
    /// <param name="targets">Builder that receives the targets.</param>
    /// <param name="change">Source of the values.</param>
    /// <param name="cause">Cause of the targets.</param>
    /// <param name="why">Invalidated name on which the key depends; null if the rule names the key.</param>
    public static int AddKeys(Template key, InvalidationBuilder targets, Change change, InvalidationCause cause, string? why) => key.ForEach(change, values =>
    {
        if (Array.IndexOf(values, null) >= 0)
            AddPattern(targets, key.KeyAsGlob(values), cause, why);
        else if (key.Plain(values) is var text)
            targets.Add(new(InvalidationTarget.ForKey(text), cause, Chain(why, text)));
    });

    private static int AddTags(Template tag, InvalidationBuilder targets, Change change, InvalidationCause cause) => tag.ForEach(change, values =>
    {
        if (Array.IndexOf(values, null) >= 0)
            targets.Add(new(InvalidationTarget.Everything, cause));
        else if (tag.Plain(values) is var text && MayBeCarried(text))
            targets.Add(new(InvalidationTarget.ForTag(text), cause));
    });

    private static int AddGlobs(Template glob, InvalidationBuilder targets, Change change, InvalidationCause cause) =>
        glob.ForEach(change, values => AddPattern(targets, glob.Glob(values), cause, why: null));

    /// <summary>
    /// Returns whether an entry can carry a tag. A value can produce a text that is not a valid tag. Such a text matches nothing, and a resulting
    /// "*" must not invalidate everything.
    /// </summary>
    private static bool MayBeCarried(string tag) => tag != "*" && tag[0] != '\0' && CacheNames.HalfPairIn(tag) < 0;

    private static void AddPattern(InvalidationBuilder targets, string glob, InvalidationCause cause, string? why)
    {
        // No key contains half of a surrogate pair. A text too long for a pattern is too imprecise to invalidate less than everything.
        if (CacheNames.HalfPairIn(glob) >= 0)
            return;
        var target = glob.Length > KeyPattern.MaximumLength ? InvalidationTarget.Everything : InvalidationTarget.ForPattern(new GlobPattern(glob));
        targets.Add(new(target, cause, Chain(why, glob)));
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

    private static Template[] Parse(IEnumerable<string> texts, string what, Action<string> whenFixed)
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
