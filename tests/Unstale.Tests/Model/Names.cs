using Unstale.Horizon;

namespace Unstale.Tests.Model;

/// <summary>
/// Keys, tags and targets of a run. Two names that share a stripe would make the cache reject loads without need. Sets with such names are
/// not used, so that the model can ignore stripes.
/// </summary>
internal sealed class Names
{
    private Names(int salt)
    {
        Keys = [$"a{salt}:1", $"a{salt}:2", $"b{salt}:1", $"b{salt}:2", $"c{salt}"];
        Tags = [$"t{salt}", $"u{salt}", $"v{salt}"];
        Targets =
        [
            .. Keys.Select(key => new Target(key, (k, _) => k == key, Key: key)),
            .. Tags.Select(tag => new Target(tag, (_, tags) => tags.Contains(tag), Tag: tag)),
            new Target("a*", (k, _) => k[0] == 'a', Pattern: new GlobPattern("a*")),
            new Target("*:2", (k, _) => k[^1] == '2', Pattern: new GlobPattern("*:2")),
            new Target("^b.*1$", (k, _) => k[0] == 'b' && k[^1] == '1', Pattern: new RegexPattern("^b.*1$")),
            new Target("*", (_, _) => true, Tag: "*"),
        ];
    }

    public static Names Default { get; } = Enumerable.Range(0, 100).Select(salt => new Names(salt)).First(n => n.ShareNoStripe());

    public string[] Keys { get; }

    public string[] Tags { get; }

    public Target[] Targets { get; }

    private bool ShareNoStripe()
    {
        var stripes = new StripedSequences(16);
        foreach (var name in Keys.Concat(Tags))
        {
            if (stripes.ForKey(name) + stripes.ForTag(name) > 0)
                return false;
            stripes.RaiseKey(name, 1);
            stripes.RaiseTag(name, 1);
        }

        return true;
    }
}
