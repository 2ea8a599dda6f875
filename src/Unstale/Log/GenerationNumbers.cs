namespace Unstale.Log;

/// <summary>Creates the generations that this process proposes to a log. Each number is above all numbers that the process has observed in the log.</summary>
internal sealed class GenerationNumbers
{
    private ulong _highest;

    public void Met(Generation generation)
    {
        var known = Volatile.Read(ref _highest);
        while (generation.Number > known)
        {
            var before = Interlocked.CompareExchange(ref _highest, generation.Number, known);
            if (before == known)
                return;

            known = before;
        }
    }

    public Generation Next() => Generation.Create(after: Volatile.Read(ref _highest));
}
