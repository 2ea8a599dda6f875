using System.Diagnostics.CodeAnalysis;

namespace Unstale.Horizon;

/// <summary>State of a node at the start of a load, before anything is read.</summary>
/// <param name="Trusted">Whether the value may be stored.</param>
/// <param name="Epoch">Epoch at the start.</param>
/// <param name="Stamp">Sequence as of which the loaded value is valid.</param>
/// <param name="Tick">Number of marks made before the start.</param>
/// <param name="BeganAt">Monotonic time of the start, in milliseconds.</param>
/// <param name="Remote">State for the second level; null if the load may neither read nor write there.</param>
internal readonly record struct LoadTicket(bool Trusted, int Epoch, long Stamp, long Tick, long BeganAt, RemoteTicket? Remote)
{
    /// <summary>Whether the second level may be read and written.</summary>
    [MemberNotNullWhen(true, nameof(Remote))]
    public bool MayAskRemote => Remote is not null;
}
