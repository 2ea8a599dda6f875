using System.CommandLine;
using System.Globalization;

namespace Shop.Load;

/// <summary>Options, their defaults and their refusals.</summary>
internal sealed class CommandLine
{
    private readonly Option<string> _nodes = new("--nodes") { Description = "Addresses of the shop's nodes, with commas between them.", Required = true };
    private readonly Option<string?> _worker = new("--worker") { Description = "Address of the worker; it is read too." };
    private readonly Option<int> _seconds = Number("--seconds", 20, 1, "How long the load lasts.");
    private readonly Option<int> _readers = Number("--readers", 32, 1, "Readers at once.");
    private readonly Option<int> _writers = Number("--writers", 2, 0, "Writers at once; each has products of its own.");
    private readonly Option<int> _pause = Number("--pause", 20, 0, "Milliseconds that a writer waits between two writes.");
    private readonly Option<int> _allow = Number("--allow", 50, 0, "Milliseconds after a PUT in which other nodes may still show what was before; the node that wrote has none.");
    private readonly Option<int> _bound = Number("--bound", 5000, 0, "The same while Redis is away.");
    private readonly Option<int> _rounds = Number("--rounds", 10, 0, "Writes through each strategy for the table that compares them; 0 for no table.");

    public CommandLine() => Root = new RootCommand(
        "Reads and writes a running shop, and counts the stale answers. Nobody else may write meanwhile; the prices are put back at the end. "
        + "Exit code: 0 none stale, 1 stale answers, 2 it could not run.")
    {
        _nodes, _worker, _seconds, _readers, _writers, _pause, _allow, _bound, _rounds,
    };

    public RootCommand Root { get; }

    /// <exception cref="LoadException">An address is invalid.</exception>
    public Settings Read(ParseResult parsed)
    {
        var nodes = parsed.GetValue(_nodes)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (nodes.Length == 0)
            throw new LoadException("--nodes is empty; it takes the addresses of the shop's nodes, such as http://127.0.0.1:5080.");

        return new(
            [.. nodes.Select(static (node, at) => ToAddress("--nodes", at + 1, node)).Distinct()],
            parsed.GetValue(_worker) is { } worker ? ToAddress("--worker", 1, worker) : null,
            TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
            parsed.GetValue(_readers),
            parsed.GetValue(_writers),
            TimeSpan.FromMilliseconds(parsed.GetValue(_pause)),
            TimeSpan.FromMilliseconds(parsed.GetValue(_allow)),
            TimeSpan.FromMilliseconds(parsed.GetValue(_bound)),
            parsed.GetValue(_rounds));
    }

    private static Option<int> Number(string name, int standard, int least, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given) && given < least)
            {
                result.AddError($"{name} is {given}; it must be at least {least}.");
            }
        });
        return option;
    }

    /// <summary>
    /// Returns the address in a text. The report shows addresses, so one with a user or password is refused, and an invalid one is not shown.
    /// </summary>
    private static Uri ToAddress(string option, int number, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "", PathAndQuery: "/", Fragment: "" }
            ? address
            : throw new LoadException($"{option}: its address {number} is none; one looks like http://127.0.0.1:5080, with no user, path or query.");
}
