namespace Unstale.DatabaseTests.EntityFrameworkCore.Forms;

/// <summary>Values near the boundaries at which databases alter values or compare different ones as equal.</summary>
internal static class SampleValues
{
    private static readonly string[] Texts = ["", " ", "a", "A", "a ", "a  ", "ab", "AB", "Ab", "ä", "Ä", "a\u0308", "ß", "ss", "I", "i", "ı", "İ", "K", "\u212A", "abcd", "abcd ", "0", "00", "1.0", "\ud83d\ude00"];
    private static readonly double[] Reals = [0, -0.0, 0.1, 0.1f, 1, 1.5, -1.5, 1e300, 1.0000000000000002, double.PositiveInfinity, double.NegativeInfinity];
    private static readonly decimal[] Moneys = [0m, 0.0m, 1m, 1.0m, 1.00m, 1.005m, 1.01m, 0.1m, 0.10m, -1m, 12345678.12m, 0.1000000000000000001m, 123456789012345678m];
    private static readonly int[] Ticks = [0, 1, 5, 9, 10, 11, 9_990, 10_000, 10_010, 19_999];

    /// <summary>Returns a random value for a property.</summary>
    public static object? Of(Random random, string property) => random.Next(12) == 0 ? null : property switch
    {
        "Flag" => random.Next(2) == 0,
        "Tiny" => (byte)random.Next(3),
        "Number" => random.Next(-1, 2),
        "Long" => Pick(random, [0L, 1L, -1L, long.MaxValue, long.MinValue, 1L << 53, (1L << 53) + 1]),
        "Money" or "Free" => Pick(random, Moneys),
        "Real" => Pick(random, Reals),
        "Single" => (float)Pick(random, Reals),
        "Text" or "Fixed" or "Folded" or "Trimmed" => Pick(random, Texts),
        "Guid" => new Guid(random.Next(3), 0, 0, new byte[8]),
        "Bytes" => new byte[random.Next(3)],
        "Time" => new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Unspecified).AddTicks(Pick(random, Ticks)),
        "Moment" => new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(Pick(random, Ticks)),
        "Day" => new DateOnly(2020, 1, 1).AddDays(random.Next(3)),
        "Clock" => new TimeOnly(Pick(random, Ticks)),
        "Span" => new TimeSpan(Pick(random, Ticks)),
        "Level" or "Named" => (Level)random.Next(-1, 2),
        _ => throw new InvalidOperationException(property),
    };

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
