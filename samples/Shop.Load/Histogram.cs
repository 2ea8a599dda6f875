namespace Shop.Load;

/// <summary>Durations in steps of about 1 %, so that a long run needs no more memory than a short one.</summary>
internal sealed class Histogram
{
    private const int StepsPerDoubling = 64;
    private readonly long[] _counts = new long[40 * StepsPerDoubling];
    private readonly Lock _lock = new();

    public long Count { get; private set; }

    public double MaximumMilliseconds { get; private set; }

    public void Add(double milliseconds)
    {
        var step = (int)(Math.Log2(Math.Max(1, milliseconds * 1000)) * StepsPerDoubling);
        lock (_lock)
        {
            _counts[Math.Min(step, _counts.Length - 1)]++;
            Count++;
            MaximumMilliseconds = Math.Max(MaximumMilliseconds, milliseconds);
        }
    }

    /// <summary>Returns the duration in milliseconds below which this part of the durations is: the upper end of its step.</summary>
    public double Quantile(double part)
    {
        lock (_lock)
        {
            var left = (long)Math.Ceiling(Count * part);
            for (var step = 0; step < _counts.Length && Count > 0; step++)
            {
                left -= _counts[step];
                if (left <= 0)
                    return Math.Min(MaximumMilliseconds, Math.Pow(2, (step + 1.0) / StepsPerDoubling) / 1000);
            }

            return 0;
        }
    }
}
