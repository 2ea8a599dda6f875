using MemoryPack;

namespace Unstale.Tests.Serializers;

[MemoryPackable]
public sealed partial class CopiedProduct : IProduct
{
    public int Id { get; set; }

    public string? Name { get; set; }

    public decimal Price { get; set; }

    [MemoryPackIgnore]
    public string? Note { get; set; }
}

[MemoryPackable]
public sealed partial class EarlierCopiedProduct : IEarlierProduct
{
    public int Id { get; set; }

    public string? Name { get; set; }
}

[MemoryPackable]
public partial record struct CopiedPoint(int X);

[MemoryPackable]
[MemoryPackUnion(0, typeof(CopiedCard))]
[MemoryPackUnion(1, typeof(CopiedCash))]
public abstract partial class CopiedPayment;

[MemoryPackable]
public sealed partial class CopiedCard : CopiedPayment, ICard
{
    public string? Number { get; set; }
}

[MemoryPackable]
public sealed partial class CopiedCash : CopiedPayment;

/// <summary>Contract with an error: no formatter is registered.</summary>
[MemoryPackable(GenerateType.NoGenerate)]
public sealed partial class FaultyCopied
{
    public int Id { get; set; }
}

[MemoryPackable(GenerateType.VersionTolerant)]
public sealed partial class TolerantProduct
{
    [MemoryPackOrder(0)]
    public int Id { get; set; }

    [MemoryPackOrder(1)]
    public string? Name { get; set; }
}

[MemoryPackable(GenerateType.VersionTolerant)]
public sealed partial class EarlierTolerantProduct
{
    [MemoryPackOrder(0)]
    public int Id { get; set; }
}
