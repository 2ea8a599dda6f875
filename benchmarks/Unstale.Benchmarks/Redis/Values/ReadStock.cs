namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Values read from Redis, and the order in which callers read them: no two of 50 callers read one key at once.</summary>
internal static class ReadStock
{
    public const int ValueLength = 400;
    private const int Keys = 1_000;

    public static string Value { get; } = new('v', ValueLength);

    public static string[] Names { get; } = [.. Enumerable.Range(0, Keys).Select(i => $"product:{i:D6}")];

    public static string[] Tags(string name) => ["catalogue", "category:" + name[^1], "supplier:" + name[^2]];

    public static string Name(int caller, int turn) => Names[(caller * 17 + turn * 50) % Keys];

    public static void Check(string value)
    {
        if (value.Length != ValueLength)
            throw new InvalidOperationException("It was another value.");
    }
}
