using Unstale.PostgreSql.Capture;

namespace Unstale.PostgreSql;

/// <summary>Options of the change capture of one cache, which are validated when the host starts.</summary>
public sealed class ChangeCaptureOptions
{
    /// <summary>
    /// Connection string of Npgsql, to the primary server and the database of the tables, as a user with the attribute <c>REPLICATION</c>. Default: empty,
    /// which is refused.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Name of the replication slot: 1 to 40 lower-case letters, digits and underscores, the first of them a letter. Slots belong to the whole server, so each
    /// database with change capture needs another name. Default: <c>unstale</c>.
    /// </summary>
    public string Slot { get; set; } = "unstale";

    /// <summary>Name of the publication, as permitted for <see cref="Slot"/>. Default: <c>unstale</c>.</summary>
    public string Publication { get; set; } = "unstale";

    /// <summary>
    /// Whether this process may be the reader. One process reads at a time; the others wait for its end. A process that does not read still ends trust in
    /// its values when no process reads. Default: true.
    /// </summary>
    public bool IsReader { get; set; } = true;

    /// <summary>
    /// Time, from 1 second to 1 hour, for which changes may remain unread before cached values are not trusted. Default: 10 seconds.
    /// </summary>
    public TimeSpan MaximumLag { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause of the heartbeat, which moves the slot while no table changes, and of the looks at the slot, from 50 milliseconds to 10 seconds. Default: 1 second.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    internal List<CapturedTable> Tables { get; } = [];

    /// <summary>Called at each step, so that a test can stop the reader there. Default: null.</summary>
    internal Action<CaptureStep>? Reached { get; set; }

    /// <summary>Captures the changes of a table.</summary>
    /// <param name="table">Name of the table as <c>schema.table</c>, or <c>table</c> for the schema <c>public</c>, with the letters as stored.</param>
    /// <param name="resource">
    /// Name of the changes, see <see cref="Change.Resource"/>, and of the table in predicates. Default: <c>table</c> for the schema <c>public</c>, otherwise
    /// <c>schema.table</c>.
    /// </param>
    /// <param name="ignoredColumns">
    /// Columns whose values leave no trace. An update of no other column is ignored if the table has <c>REPLICA IDENTITY FULL</c>; without it, the changed
    /// columns are unknown. Default: none.
    /// </param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">The name is empty, has more than one dot, or was added before.</exception>
    public ChangeCaptureOptions AddTable(string table, string? resource = null, IEnumerable<string>? ignoredColumns = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        var added = CapturedTable.Parse(table, resource, ignoredColumns) ?? throw new ArgumentException(Errors.CapturedTableName(table), nameof(table));
        if (Tables.Exists(known => known.Schema == added.Schema && known.Name == added.Name))
            throw new ArgumentException(Errors.CapturedTwice(table), nameof(table));
        Tables.Add(added);
        return this;
    }
}
