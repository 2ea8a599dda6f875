using System.Globalization;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Counts of the results of one class of queries.</summary>
internal sealed class Tally
{
    /// <summary>Results that were compared after a write.</summary>
    public int Compared { get; set; }

    /// <summary>Results that the write really changed.</summary>
    public int Changed { get; set; }

    /// <summary>Results that the cache invalidated.</summary>
    public int Taken { get; set; }

    /// <summary>Results that a write of known rows really changed.</summary>
    public int ChangedByRows { get; set; }

    /// <summary>Results that the cache invalidated after a write of known rows.</summary>
    public int TakenByRows { get; set; }

    /// <summary>Results with a written table.</summary>
    public int OfTable { get; set; }

    /// <summary>Results with a tag of a written row, or of its table.</summary>
    public int OfTag { get; set; }

    /// <summary>Invalidated results for each one changed, of the writes whose rows are known.</summary>
    public double Precision => TakenByRows / Math.Max(1.0, ChangedByRows);

    /// <summary>Returns the row of a table in a page: the counts, and the results taken for each changed one.</summary>
    public string Row(string name) => string.Create(
        CultureInfo.InvariantCulture, $"| {name} | {Compared} | {Changed} | {Precision:0.00} | {Ratio(Taken):0.00} | {Ratio(OfTag):0.00} | {Ratio(OfTable):0.00} |");

    public void Add(Tally other)
    {
        Compared += other.Compared;
        Changed += other.Changed;
        Taken += other.Taken;
        ChangedByRows += other.ChangedByRows;
        TakenByRows += other.TakenByRows;
        OfTable += other.OfTable;
        OfTag += other.OfTag;
    }

    private double Ratio(int taken) => taken / Math.Max(1.0, Changed);
}
