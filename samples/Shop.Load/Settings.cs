namespace Shop.Load;

/// <summary>What the command line says.</summary>
/// <param name="Nodes">The nodes of the shop; they are read and written.</param>
/// <param name="Worker">The other service; it is read. Null for none.</param>
/// <param name="Length">How long the load lasts.</param>
/// <param name="Readers">Readers at once.</param>
/// <param name="Writers">Writers at once; each has products of its own.</param>
/// <param name="Pause">What a writer waits between two writes.</param>
/// <param name="Allow">How old a missed write may be on a node that did not write it.</param>
/// <param name="Bound">The same while Redis is away.</param>
/// <param name="Rounds">How often the table writes through each strategy; 0 for no table.</param>
internal sealed record Settings(
    IReadOnlyList<Uri> Nodes, Uri? Worker, TimeSpan Length, int Readers, int Writers, TimeSpan Pause, TimeSpan Allow, TimeSpan Bound, int Rounds);
