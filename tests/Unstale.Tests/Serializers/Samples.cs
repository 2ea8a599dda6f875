namespace Unstale.Tests.Serializers;

/// <summary>Value with a contract of one library.</summary>
public interface IProduct
{
    int Id { get; set; }

    string? Name { get; set; }

    decimal Price { get; set; }

    /// <summary>Member outside the contract, which JSON would include.</summary>
    string? Note { get; set; }
}

/// <summary>Earlier version of <see cref="IProduct"/>, without a price.</summary>
public interface IEarlierProduct
{
    int Id { get; set; }

    string? Name { get; set; }
}

/// <summary>Payment with a number, one of several derived types.</summary>
public interface ICard
{
    string? Number { get; set; }
}

/// <summary>Type without a contract.</summary>
public sealed class Plain
{
    public int Id { get; set; }
}
