namespace Unstale;

/// <summary>Why a value is not held any more.</summary>
public enum RemovalCause
{
    /// <summary>It was invalidated.</summary>
    Invalidated,

    /// <summary>Its life was over.</summary>
    Expired,

    /// <summary>There was no room: see <see cref="UnstaleOptions.MaximumEntries"/>.</summary>
    EvictedForSize,

    /// <summary>A newer value was loaded that is not kept: its load called <see cref="FillContext.DoNotStore"/>, or it is too large.</summary>
    NotStored,
}
