using MessagePack;

namespace Unstale.Tests.Serializers;

[MessagePackObject]
public sealed class PackedProduct : IProduct
{
    [Key(0)]
    public int Id { get; set; }

    [Key(1)]
    public string? Name { get; set; }

    [Key(2)]
    public decimal Price { get; set; }

    [IgnoreMember]
    public string? Note { get; set; }
}

[MessagePackObject]
public sealed class EarlierPackedProduct : IEarlierProduct
{
    [Key(0)]
    public int Id { get; set; }

    [Key(1)]
    public string? Name { get; set; }
}

[MessagePackObject]
public record struct PackedPoint([property: Key(0)] int X);

[Union(0, typeof(PackedCard))]
[Union(1, typeof(PackedCash))]
public abstract class PackedPayment;

[MessagePackObject]
public sealed class PackedCard : PackedPayment, ICard
{
    [Key(0)]
    public string? Number { get; set; }
}

[MessagePackObject]
public sealed class PackedCash : PackedPayment;

/// <summary>Contract with an error: a member has no key.</summary>
[MessagePackObject]
public sealed class FaultyPacked
{
    public int Id { get; set; }
}
