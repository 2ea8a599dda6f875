using Unstale.Horizon;

namespace Unstale.Tests.Horizon;

/// <summary>The minimal entry that a horizon can judge.</summary>
internal sealed class Held(string key, TagSet tags, long stamp, int epoch, int selectorSeen) : StampedEntry(key, tags, stamp, epoch, selectorSeen);
