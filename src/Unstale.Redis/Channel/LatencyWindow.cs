namespace Unstale.Redis.Channel;

/// <summary>Newest 1,000 values of a measurement.</summary>
internal sealed class LatencyWindow
{
    private const int Kept = 1000;

    private readonly double[] _values = new double[Kept];
    private int _count;
    private int _next;

    public void Add(double value)
    {
        _values[_next] = value;
        _next = (_next + 1) % Kept;
        _count = Math.Min(_count + 1, Kept);
    }

    public double Quantile(double quantile)
    {
        if (_count == 0)
            return 0;

        var sorted = _values[.._count];
        Array.Sort(sorted);
        return sorted[Math.Min((int)Math.Floor(_count * quantile), _count - 1)];
    }
}
