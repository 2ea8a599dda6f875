using System.Globalization;

namespace Unstale.Redis.Channel;

/// <summary>
/// Time in messages, with a precision of one nanosecond, where .NET's own types have 100. Formatted as RFC 3339 in UTC with 0, 3, 6 or 9 fractional
/// digits, the fewest that lose nothing.
/// </summary>
public readonly record struct MessageTime : IComparable<MessageTime>
{
    private const int NanosecondsPerSecond = 1_000_000_000;
    private const int NanosecondsPerTick = 100;
    private const int Digits = 9;
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

    private MessageTime(long seconds, int nanoseconds)
    {
        UnixSeconds = seconds;
        Nanoseconds = nanoseconds;
    }

    /// <summary>Whole seconds since 1970.</summary>
    public long UnixSeconds { get; }

    /// <summary>Nanoseconds within the second; from 1,000,000,000 on within a leap second.</summary>
    public int Nanoseconds { get; }

    /// <summary>Converts a time without loss.</summary>
    public static MessageTime From(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return rest < 0
            ? new(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * NanosecondsPerTick)
            : new(seconds, (int)rest * NanosecondsPerTick);
    }

    /// <summary>
    /// Parses RFC 3339, with <c>Z</c> or an offset, with <c>T</c> or a space, in upper or lower case, and with any number of fractional digits, of which
    /// nine count.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MessageTime time)
    {
        time = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't' or ' ') || text[13] != ':' || text[16] != ':'
            || !TryNumber(text[..4], out var year) || !TryNumber(text[5..7], out var month) || !TryNumber(text[8..10], out var day)
            || !TryNumber(text[11..13], out var hour) || !TryNumber(text[14..16], out var minute) || !TryNumber(text[17..19], out var second)
            || !TryFraction(text[19..], out var nanoseconds, out var zone) || !TryOffset(zone, out var offset))
        {
            return false;
        }

        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
            return false;

        var isLeap = second == 60;
        var date = new DateTime(year, month, day, hour, minute, isLeap ? 59 : second, DateTimeKind.Utc);
        var seconds = ((date.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - (60 * offset);
        time = new(seconds, nanoseconds + (isLeap ? NanosecondsPerSecond : 0));
        return seconds is >= FirstSecond and <= LastSecond;
    }

    /// <summary>Converts the time, truncated to 100 nanoseconds.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(UnixSeconds).AddTicks(Math.Min(Nanoseconds, NanosecondsPerSecond - 1) / NanosecondsPerTick);

    /// <inheritdoc/>
    public int CompareTo(MessageTime other) => (UnixSeconds, Nanoseconds).CompareTo((other.UnixSeconds, other.Nanoseconds));

    /// <summary>Returns the form used in messages: <c>2026-11-20T23:00:50.759554485Z</c>.</summary>
    public override string ToString()
    {
        var date = DateTimeOffset.FromUnixTimeSeconds(UnixSeconds);
        var second = date.Second + (Nanoseconds >= NanosecondsPerSecond ? 1 : 0);
        var fraction = Nanoseconds % NanosecondsPerSecond;
        var start = string.Create(CultureInfo.InvariantCulture, $"{date:yyyy-MM-ddTHH:mm:}{second:00}");
        return fraction switch
        {
            0 => start + "Z",
            _ when fraction % 1_000_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{start}.{fraction / 1_000_000:000}Z"),
            _ when fraction % 1000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{start}.{fraction / 1000:000000}Z"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{start}.{fraction:000000000}Z"),
        };
    }

    /// <summary>Whether the left time is earlier.</summary>
    public static bool operator <(MessageTime left, MessageTime right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left time is later.</summary>
    public static bool operator >(MessageTime left, MessageTime right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left time is not later.</summary>
    public static bool operator <=(MessageTime left, MessageTime right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left time is not earlier.</summary>
    public static bool operator >=(MessageTime left, MessageTime right) => left.CompareTo(right) >= 0;

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryFraction(ReadOnlySpan<char> text, out int nanoseconds, out ReadOnlySpan<char> rest)
    {
        nanoseconds = 0;
        rest = text;
        if (text[0] != '.')
            return true;

        var end = 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            if (end <= Digits)
                nanoseconds = (10 * nanoseconds) + (text[end] - '0');

            end++;
        }

        for (var missing = end - 1; missing < Digits; missing++)
            nanoseconds *= 10;

        rest = text[end..];
        return end > 1;
    }

    /// <summary>Parses an offset into minutes east of Greenwich.</summary>
    private static bool TryOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "Z" or "z")
            return true;

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':' || !TryNumber(text[1..3], out var hours) || !TryNumber(text[4..], out minutes)
            || hours > 23 || minutes > 59)
        {
            return false;
        }

        minutes = (60 * hours + minutes) * (text[0] == '-' ? -1 : 1);
        return true;
    }
}
