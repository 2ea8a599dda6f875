namespace Unstale.Tests.Architecture;

/// <summary>Uses between the folders of one project, compared with a table of allowed ones.</summary>
/// <remarks>
/// Types in the root are vocabulary and public face at once. A root type therefore ranks by its own uses: a folder may use the type if all folders behind
/// the type, through other root types too, are downstream of the folder. Only a folder whose row names the root may use every root type.
/// </remarks>
internal sealed class FolderGraph
{
    private const string Root = ProductType.Root;

    private readonly IReadOnlyDictionary<string, string[]> _table;
    private readonly List<(ProductType User, ProductType Used)> _uses;
    private readonly Dictionary<ProductType, HashSet<string>> _behind;
    private readonly Dictionary<string, HashSet<string>> _downstream;

    /// <param name="types">Types of the project.</param>
    /// <param name="table">Allowed uses: each folder with the folders that its types may use.</param>
    /// <param name="known">Uses to leave out.</param>
    public FolderGraph(AssemblyTypes types, IReadOnlyDictionary<string, string[]> table, IEnumerable<(string User, string Used)> known)
    {
        var without = known.ToHashSet();
        _table = table;
        _uses =
        [
            .. from type in types.Uses
               from used in type.Value
               where used.Project == types.Project && !without.Contains((type.Key.ToString(), used.ToString()))
               select (type.Key, used),
        ];
        var ofRoot = _uses.Where(static use => use.User.Folder == Root).ToLookup(static use => use.User, static use => use.Used);
        _behind = types.Uses.Keys.Where(static type => type.Folder == Root).ToDictionary(static type => type, type => Behind(type, ofRoot));
        _downstream = table.Keys.ToDictionary(static folder => folder, DownstreamOf, StringComparer.Ordinal);
    }

    private FolderGraph(FolderGraph graph, IReadOnlyDictionary<string, string[]> table)
    {
        (_table, _uses, _behind) = (table, graph._uses, graph._behind);
        _downstream = table.Keys.ToDictionary(static folder => folder, DownstreamOf, StringComparer.Ordinal);
    }

    /// <summary>Uses that the table does not allow.</summary>
    public IEnumerable<string> Forbidden() =>
        from use in _uses
        where use.User.Folder != use.Used.Folder && !_table[use.User.Folder].Contains(use.Used.Folder, StringComparer.Ordinal)
        let missing = use.Used.Folder == Root ? _behind[use.Used].Where(folder => folder != use.User.Folder && !_downstream[use.User.Folder].Contains(folder)).ToList() : null
        where missing is not []
        select missing is null ? $"{use.User} uses {use.Used}" : $"{use.User} uses {use.Used} with {string.Join(", ", missing)} behind it";

    /// <summary>Entries of the table without which every use is still allowed.</summary>
    public IEnumerable<string> Unneeded() =>
        from row in _table
        from folder in row.Value
        let less = new Dictionary<string, string[]>(_table, StringComparer.Ordinal) { [row.Key] = [.. row.Value.Except([folder], StringComparer.Ordinal)] }
        where !new FolderGraph(this, less).Forbidden().Any()
        select $"{row.Key} → {folder}";

    /// <summary>Folders of the table that are downstream of themselves.</summary>
    public IEnumerable<string> Cyclic() => _downstream.Where(static folder => folder.Value.Contains(folder.Key)).Select(static folder => folder.Key);

    /// <summary>Returns the folders used by a root type itself or by the root types that it uses.</summary>
    private static HashSet<string> Behind(ProductType type, ILookup<ProductType, ProductType> ofRoot)
    {
        var (seen, open, folders) = (new HashSet<ProductType> { type }, new Stack<ProductType>([type]), new HashSet<string>(StringComparer.Ordinal));
        while (open.TryPop(out var next))
        {
            foreach (var used in ofRoot[next])
            {
                if (used.Folder != Root)
                    folders.Add(used.Folder);
                else if (seen.Add(used))
                    open.Push(used);
            }
        }

        return folders;
    }

    /// <summary>Returns the folders that the table allows to a folder, over any number of steps.</summary>
    private HashSet<string> DownstreamOf(string folder)
    {
        var (downstream, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>([folder]));
        while (open.TryPop(out var next))
        {
            foreach (var below in _table[next].Where(downstream.Add))
                open.Push(below);
        }

        return downstream;
    }
}
