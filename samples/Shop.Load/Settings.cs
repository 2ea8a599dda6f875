namespace Shop.Load;

/// <summary>Settings from the command line.</summary>
/// <param name="Nodes">Nodes of the shop, which are read and written.</param>
/// <param name="Worker">Other service, which is only read. Null for none.</param>
/// <param name="Length">Duration of the load.</param>
/// <param name="Readers">Number of concurrent readers.</param>
/// <param name="Writers">Number of concurrent writers, each with its own products.</param>
/// <param name="Pause">Pause of a writer between two writes.</param>
/// <param name="Allow">Maximum age of a missed write on a node that did not write it.</param>
/// <param name="Bound">Maximum age of a missed write while Redis is unavailable.</param>
/// <param name="Rounds">Number of writes through each strategy for the table; 0 for no table.</param>
internal sealed record Settings(
    IReadOnlyList<Uri> Nodes, Uri? Worker, TimeSpan Length, int Readers, int Writers, TimeSpan Pause, TimeSpan Allow, TimeSpan Bound, int Rounds);
