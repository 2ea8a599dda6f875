namespace Unstale.Tests;

/// <summary>Outcome of a write-through in one word.</summary>
public enum WriteThroughOutcome
{
    /// <summary>The key is invalidated, and the value is stored.</summary>
    Stored,

    /// <summary>Nothing was changed.</summary>
    Superseded,

    /// <summary>The key is invalidated, and the value is not stored.</summary>
    Invalidated,
}

/// <summary>Entry in memory.</summary>
internal sealed record HeldEntry(
    string Key,
    EntryState State,
    TimeSpan ExpiresIn,
    TimeSpan FreshIn,
    IReadOnlyList<string> Tags,
    IReadOnlyList<string> Dependencies,
    LogPosition Position,
    bool DependsOnAnyRecord);

/// <summary>Short forms of explanations and receipts.</summary>
internal static class Outcomes
{
    extension(UnstaleCache cache)
    {
        /// <summary>Returns the entry in memory; null for none.</summary>
        public HeldEntry? Inspect(string key) => Held(cache.Explain(key, records: 0));
    }

    extension(CacheNamespace cache)
    {
        /// <summary>Returns the entry in memory; null for none.</summary>
        public HeldEntry? Inspect(string key) => Held(cache.Explain(key, records: 0));
    }

    extension(InvalidationReceipt receipt)
    {
        public WriteThroughOutcome Outcome =>
            receipt.State == ReceiptState.Superseded ? WriteThroughOutcome.Superseded
            : receipt.IsStored ? WriteThroughOutcome.Stored
            : WriteThroughOutcome.Invalidated;
    }

    private static HeldEntry? Held(Unstale.KeyExplanation key) => key.State == EntryState.Absent
        ? null
        : new(key.Key, key.State, key.ExpiresIn!.Value, key.FreshIn!.Value, key.Tags, key.Dependencies, key.Position ?? default, key.DependsOnAnyRecord);
}
