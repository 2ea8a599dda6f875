using System.Text.RegularExpressions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>docs/wire-format.md, as read by a developer in another language.</summary>
internal static partial class WirePage
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs/wire-format.md"));

    /// <summary>Returns the lines of the block under <c>example: name</c>.</summary>
    public static string[] Example(string name)
    {
        var block = Block().Matches(Text).FirstOrDefault(m => m.Groups["name"].Value == name);
        Assert.True(block is not null, $"The page has no example '{name}'.");
        return block.Groups["lines"].Value.Split('\n');
    }

    /// <summary>Returns the rows of the table under <c>table: name</c>, without its head, each without code marks.</summary>
    public static string[][] Rows(string name)
    {
        var table = Table().Matches(Text).FirstOrDefault(m => m.Groups["name"].Value == name);
        Assert.True(table is not null, $"The page has no table '{name}'.");
        return [.. table.Groups["rows"].Value.Trim('\n').Split('\n').Skip(2).Select(static row => row.Trim('|').Split('|').Select(static cell => cell.Trim()).ToArray())];
    }

    /// <summary>Returns the text of one script, from the files named in the page.</summary>
    public static string Script(string name)
    {
        var parts = Rows("scripts").Single(row => row[0] == name)[1].Split(' ');
        return string.Join('\n', parts.Select(Lua));
    }

    /// <summary>
    /// Returns one call of a script: the keys that the page names, the keys that it describes, the first arguments of a script that publishes, and
    /// the rest.
    /// </summary>
    public static string[] Call(string script, string log, string[] keys, params string[] arguments)
    {
        var row = Rows("scripts").Single(row => row[0] == script);
        string[] all = [.. row[2].Split(", ").Where(Names).Select(name => log + name), .. keys];
        string[] published = row[3].StartsWith("run, command, channel", StringComparison.Ordinal) ? ["PUBLISH", log + "ch"] : [];
        return ["EVAL", Script(script), $"{all.Length}", .. all, "", .. published, .. arguments];
    }

    /// <summary>
    /// Returns value and lease, in each cache of the list, of each key in <paramref name="targets"/>, which are pairs of a kind and a text.
    /// </summary>
    public static string[] Entries(string log, string caches, params string[] targets) =>
    [
        .. from target in targets.Chunk(2)
           where target[0] == "key"
           from cache in caches.Split(' ', StringSplitOptions.RemoveEmptyEntries)
           from kind in new[] { "v", "l" }
           select $"{log}{kind}:{cache}:{target[1]}",
    ];

    private static bool Names(string key) => Rows("keys").SelectMany(static row => Code(row[0])).Any(form => form.EndsWith("}:" + key, StringComparison.Ordinal));

    public static string Lua(string part) => File.ReadAllText(Path.Combine(Repository.Root, "src/Unstale.Redis/Scripts", part + ".lua"));

    /// <summary>Returns the texts between code marks in a cell.</summary>
    public static string[] Code(string cell) => [.. Quoted().Matches(cell).Select(static m => m.Groups["code"].Value)];

    [GeneratedRegex("<!-- example: (?<name>[a-z]+) -->\n```[a-z]*\n(?<lines>.*?)\n```", RegexOptions.Singleline, 1000)]
    private static partial Regex Block();

    [GeneratedRegex("<!-- table: (?<name>[a-z]+) -->\n(?<rows>(?:\\|[^\n]*\n)+)", RegexOptions.None, 1000)]
    private static partial Regex Table();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.None, 1000)]
    private static partial Regex Quoted();
}
