using System.Buffers.Text;
using System.Globalization;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Log;

/// <summary>Formats and parses generations, ids and sequences in scripts, records and pushes.</summary>
internal static class LogEncoding
{
    private const int GenerationDigits = 32;
    public const int IdDigits = 16;

    /// <summary>Largest number accepted from scripts. Numbers in scripts are doubles, which are exact up to this value.</summary>
    private const long MostCounted = 1L << 53;

    /// <summary>Adds a generation as 32 lower-case hexadecimal digits; an empty argument for none.</summary>
    public static RedisCall Generation(this RedisCall command, Generation generation)
    {
        if (generation == Unstale.Generation.None)
            return command.Arg("");

        generation.Value.TryFormat(command.Argument(GenerationDigits), out _, "x32", CultureInfo.InvariantCulture);
        return command;
    }

    /// <summary>Adds an id as 16 lower-case hexadecimal digits.</summary>
    public static RedisCall Id(this RedisCall command, long id)
    {
        id.TryFormat(command.Argument(IdDigits), out _, "x16", CultureInfo.InvariantCulture);
        return command;
    }

    public static bool TryGeneration(ReadOnlySpan<byte> text, out Generation generation)
    {
        var isOne = UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && text.Length == GenerationDigits;
        generation = isOne ? new Generation(value) : default;
        return isOne;
    }

    public static bool TryId(ReadOnlySpan<byte> text, out long id) =>
        Utf8Parser.TryParse(text, out id, out var used, 'x') && used == IdDigits && text.Length == IdDigits;

    /// <summary>Parses a sequence or a count: not negative, and not above the largest number that scripts can count.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out long number) =>
        Utf8Parser.TryParse(text, out number, out var used) && used == text.Length && number is >= 0 and <= MostCounted;
}
