using System.Text.Json.Serialization;

namespace Unstale;

/// <summary>Reason for the removal of a value.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RemovalCause>))]
public enum RemovalCause
{
    /// <summary>The value was invalidated.</summary>
    Invalidated,

    /// <summary>The lifetime of the value ended.</summary>
    Expired,

    /// <summary>The cache was full: see <see cref="UnstaleOptions.MaximumEntries"/>.</summary>
    EvictedForSize,

    /// <summary>A newer value was loaded but not stored: its load called <see cref="LoadContext.DoNotStore"/>, or the value is too large.</summary>
    NotStored,
}
