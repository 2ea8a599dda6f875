using Unstale.Log;

namespace Unstale.Rules;

/// <summary>What a rule names, made ready: what is the same for every change, and what depends on its values.</summary>
internal sealed class RuleTargets
{
    private readonly NamedTarget[] _fixed;
    private readonly Template[] _tags;
    private readonly Template[] _keys;
    private readonly Template[] _globs;

    /// <exception cref="ArgumentException">A name is empty, a template is no template, or a pattern is too long.</exception>
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

    /// <summary>Adds what the rule names for this change.</summary>
    /// <returns>How many values are missing.</returns>
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

    /// <summary>A key of which a value is missing may be any key of that shape.</summary>
    /// <param name="key">The key.</param>
    /// <param name="targets">Gets it.</param>
    /// <param name="change">Where the values come from.</param>
    /// <param name="why">The name because of which it is taken; null if the rule names it.</param>
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

    /// <summary>A value may make a text that no entry can carry as a tag: there is nothing to take, and "*" must not take everything.</summary>
    private static bool MayBeCarried(string tag) => tag != "*" && tag[0] != '\0' && CacheNames.HalfPairIn(tag) < 0;

    private static void AddPattern(List<NamedTarget> targets, string glob, string? why)
    {
        // Half a character is in no key; what is too long to be a pattern is not known well enough to take less than everything.
        if (CacheNames.HalfPairIn(glob) >= 0)
            return;
        targets.Add(new(glob.Length > KeyPattern.MaximumLength ? InvalidationTarget.Everything : InvalidationTarget.ForPattern(new GlobPattern(glob)), Chain(why, glob)));
    }

    private static string? Chain(string? why, string name) => why is null ? null : $"{why} -> {name}";

    /// <summary>A value stands for itself, and for any run of characters when it is missing: within brackets or behind a backslash it could not.</summary>
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
