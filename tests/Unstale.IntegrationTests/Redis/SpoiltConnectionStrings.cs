using System.Text;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Connection strings with a password, each with one defect, the same in every run.</summary>
internal static class SpoiltConnectionStrings
{
    /// <summary>Password. Its letters occur nowhere else in the strings, and parts of it in no message.</summary>
    public const string Secret = "QZXVJZQVXJ";

    private const string Host = "127.0.0.1:1";
    private const int Piece = 3;

    private static readonly string[] Good =
    [
        $"{Host},user=app,password={Secret},name=shop,ssl=false,abortConnect=false,defaultDatabase=0,connectTimeout=500",
        $"{Host},password={Secret}",
        $"redis://app:{Secret}@{Host}/0",
        $"redis://:{Secret}@{Host}",
    ];

    private static readonly string[] Separators = [";", "&", "|", " ", "\t", "\n", ":", "/", "?", "#", "@", "\uFF0C", "\uFF1D", "\uFF20", "\u201A", "%2C", ""];

    private static readonly string[] Intruders = ["\"", "'", "\0", "\u00E9", "\uD800", "%", "%zz", "%FF", "+", "=", " ", "\r\n", "\uD83D\uDE00", ",", "@", ":", "/", "?", "#", ";"];

    /// <summary>Strings in the style of other formats.</summary>
    private static readonly string[] OfOtherForms =
    [
        $"Host=127.0.0.1;Port=1;Password={Secret}",
        $"Server=127.0.0.1;Uid=app;Pwd={Secret};",
        $"password={Secret},{Host}",
        $"password={Secret};host=127.0.0.1",
        $"{Secret}@{Host}",
        $"app:{Secret}@{Host}",
        $":{Secret}@{Host}",
        $"redis:{Secret}@{Host}",
        $"redis:/app:{Secret}@{Host}",
        $"redis//app:{Secret}@{Host}",
        $"REDIS://app:{Secret}@{Host}",
        $"redis+tls://app:{Secret}@{Host}",
        $"postgres://app:{Secret}@{Host}/shop",
        $"http://app:{Secret}@{Host}",
        $"redis://{Secret}@{Host}",
        $"redis://{Secret}:@{Host}",
        $"redis://app:{Secret}",
        $"redis://app:{Secret}/0",
        $"redis://{Host}/0?password={Secret}",
        $"redis://{Host}?user=app&password={Secret}",
        $"redis://{Host}/0#{Secret}",
        $"redis://{Host}/{Secret}",
        $"redis://{Host},password={Secret}",
        $"redis://{Host}/0,password={Secret}",
        $"redis://app:{Secret}@",
        $"redis://app:{Secret}@{Host}@{Host}",
        $"redis://app:{Secret}@{Host},{Host}",
        $"redis://app:{Secret}@[{Host}",
        $"redis://[{Secret}]:1",
        $"[{Secret}]:1",
        $"{Host},{Secret}",
        $"{Host},{Secret}=",
        $"{Host},{Secret}=password",
        $"{Host},pasword={Secret}",
        $"{Host},pass={Secret}",
        $"{Host},pwd={Secret}",
        $"{Host},auth={Secret}",
        $"{Host},pa\u017F\u017Fword={Secret}",
        $"{Host},PASSWORD={Secret},password={Secret}",
        $"{Host},password={Secret},password=",
        $"{Host},password=\"{Secret},x\"",
        $"{Host},password={Secret},x{Secret}={Secret}",
        $"{Host},user=app;password={Secret}",
        $"{Host},user=app password={Secret},password=x",
        $"{Host},user=app;password={Secret},password=x",
        $"{Host},user=app:{Secret}",
        $"{Host},name=shop;password={Secret}",
        $"{Host},name=shop:password={Secret}",
        $"{Host},name=password={Secret}",
        $"{Host},name=shop|{Secret}",
        $"{Host},name={Secret}@shop",
        $"{Host},abortConnect=false;password={Secret}",
        $"{Host},abortConnect={Secret}",
        $"{Host},ssl={Secret}",
        $"{Host},ssl=true,sslHost=other;password={Secret}",
        $"{Host},ssl=true,sslHost={Secret}@other",
        $"{Host},ssl=false,sslHost={Secret}",
        $"{Host},defaultDatabase={Secret}",
        $"{Host},connectTimeout={Secret}",
        $"{Host},asyncTimeout=5s;password={Secret}",
        $"{Host},keepAlive=1&password={Secret}",
        $"{Host},password={Secret}\u0000",
        $"{Host},password= {Secret}",
        $"{Host},password={Secret} ",
        $"{Host};password={Secret}",
        $"{Host} password={Secret}",
        $"127.0.0.1:{Secret}",
        $"127.0.0.1:1:{Secret}",
        $"127.0.0.1/{Secret}",
        $"{Host},password={new string('x', 100_000)}\n{Secret}",
        $"{new string('x', 100_000)}{Secret}",
        Uri.EscapeDataString($"{Host},password={Secret}"),
        Uri.EscapeDataString($"redis://app:{Secret}@{Host}"),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)) + $",{Secret}",
        $"\"{Host},password={Secret}\"",
        $"'redis://app:{Secret}@{Host}'",
        $"{{\"Redis\":\"{Host},password={Secret}\"}}",
        $"ConnectionStrings__Redis={Host},password={Secret}",
    ];

    /// <summary>All strings, several hundred.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. OfOtherForms.Concat(Good.SelectMany(Swapped)).Concat(Good.SelectMany(Intruded)).Concat(Good.SelectMany(Cut)).Distinct(StringComparer.Ordinal)];

    /// <summary>Returns the letters of the password in a text. None of them may be lost between a string and the password parsed from it.</summary>
    public static string Letters(string text) => new([.. text.Where(static letter => Secret.Contains(letter, StringComparison.Ordinal))]);

    /// <summary>Returns a part of the password shown in a text, or null if there is none.</summary>
    public static string? Shown(string text) => Enumerable.Range(0, Secret.Length - Piece + 1)
        .Select(static at => Secret.Substring(at, Piece))
        .FirstOrDefault(piece => text.Contains(piece, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Swapped(string good)
    {
        for (var at = 0; at < good.Length; at++)
        {
            if (!char.IsLetterOrDigit(good[at]))
            {
                foreach (var separator in Separators)
                    yield return string.Concat(good.AsSpan(0, at), separator, good.AsSpan(at + 1));
            }
        }
    }

    private static IEnumerable<string> Intruded(string good)
    {
        int[] places = [0, good.IndexOf(Secret, StringComparison.Ordinal), good.IndexOf(Secret, StringComparison.Ordinal) + (Secret.Length / 2), good.IndexOf(Secret, StringComparison.Ordinal) + Secret.Length, good.Length];
        return from place in places.Distinct() from intruder in Intruders select good.Insert(place, intruder);
    }

    private static IEnumerable<string> Cut(string good) =>
        from end in Enumerable.Range(good.IndexOf(Secret, StringComparison.Ordinal) + Piece, good.Length - good.IndexOf(Secret, StringComparison.Ordinal) - Piece)
        select good[..end];
}
