using System.Globalization;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>
/// Follower of a log, written by the section "Following" of docs/wire-format.md and nothing else. Stores no copies, only the actions to apply to
/// them.
/// </summary>
internal sealed class BareFollower(BareClient client, string log)
{
    public const string ServesFor = "5000";

    private const string None = "0000000000000000";

    private string _generation = "";
    private long _cursor;
    private string _id = None;

    public string Node { get; } = "00000000c0ffee01";

    /// <summary>Targets that were applied, "kind text" each, and "forget" for each reset of everything.</summary>
    public List<string> Did { get; } = [];

    public bool IsConfirmed { get; private set; }

    public long Cursor => _cursor;

    /// <summary>Tails until it is confirmed.</summary>
    public async Task ConfirmAsync(string page = "1000", string mostBehind = "20000")
    {
        IsConfirmed = false;
        while (!IsConfirmed)
        {
            object?[] answer = (object?[])(await CallAsync(
                "tail", _generation, $"{_cursor}", _id, "0", None, Node, "1", ServesFor, page, mostBehind))!;
            await TakeAsync(answer);
        }
    }

    /// <summary>Applies a push. Returns false if a tail is needed.</summary>
    public bool Push(string payload)
    {
        var words = payload.Split('\u00ff');
        if (words.Length < 4 || words[3] == "0" || words[0] != _generation || Number(words[1]) != _cursor + 1 || words[2] != _id)
            return words.Length >= 4 && words[0] == _generation && Number(words[1]) <= _cursor;
        var at = 4;
        for (var left = Number(words[3]); left > 0; left--)
        {
            var count = (int)Number(words[at]);
            Apply(words[(at + 1)..(at + 1 + count)]);
            at += count + 1;
        }

        return true;
    }

    private async Task TakeAsync(object?[] answer)
    {
        switch (answer[0])
        {
            case "records":
                Records(answer);
                break;
            case "other":
                Did.Add("forget");
                (_generation, _cursor, _id) = ((string)answer[1]!, Number(answer[2]), (string)answer[3]!);
                IsConfirmed = true;
                break;
            case "broken":
                Did.Add("forget");
                (_generation, _cursor, _id) = ("", 0, None);
                await CallAsync("create", Guid.NewGuid().ToString("N"), (string)answer[1]!);
                break;
            default:
                throw new InvalidOperationException((string?)answer[0]);
        }
    }

    private void Records(object?[] answer)
    {
        var (newest, newestId, entries) = (Number(answer[2]), (string)answer[3]!, (object?[])answer[5]!);
        foreach (object?[] entry in entries.Cast<object?[]>())
        {
            var sequence = Number(((string)entry[0]!)[2..]);
            string[] words = [.. ((object?[])entry[1]!).Cast<string>()];
            if (sequence != _cursor + 1 || words[0] != "prev" || words[1] != _id)
                break;
            Apply(words[2..]);
        }

        var isTrimmed = _cursor < newest && (entries.Length == 0 || Number(((string)((object?[])entries[0]!)[0]!)[2..]) > _cursor + 1);
        if (isTrimmed)
        {
            Did.Add("forget");
            (_cursor, _id) = (newest, newestId);
        }

        IsConfirmed = _cursor == newest;
    }

    /// <summary>Applies a record without its "prev".</summary>
    private void Apply(string[] words)
    {
        for (var i = 0; i < words.Length; i += 2)
        {
            if (words[i] is "f" or "at" or "by" or "why" or "trace" or "how" or "via")
                continue;
            if (words[i] == "id")
                _id = words[i + 1];
            else
                Did.Add($"{words[i]} {words[i + 1]}");
        }

        _cursor++;
    }

    private Task<object?> CallAsync(string script, params string[] arguments) =>
        client.CallAsync(WirePage.Call(script, log, [], arguments));

    private static long Number(object? text) => long.Parse((string)text!, CultureInfo.InvariantCulture);
}
