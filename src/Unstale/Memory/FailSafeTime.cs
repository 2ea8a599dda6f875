namespace Unstale.Memory;

/// <summary>
/// Time for which an expired entry is kept, in one byte: eight steps for each doubling. The decoded time is at most the encoded one, and more than nine tenths of it.
/// </summary>
internal static class FailSafeTime
{
    private const int StepsPerDoubling = 8;

    /// <param name="milliseconds">Time, up to 45 days; 0 or less than 2 ms for none.</param>
    public static byte Encode(long milliseconds) => milliseconds < 2 ? (byte)0 : (byte)Math.Min(byte.MaxValue, Math.Floor(Math.Log2(milliseconds) * StepsPerDoubling));

    public static long Decode(byte encoded) => encoded == 0 ? 0 : (long)Math.Pow(2, (double)encoded / StepsPerDoubling);
}
