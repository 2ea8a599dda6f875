using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Unstale.Tests.Conformance;

/// <summary>Types of cached values, each with one property that matters for copies.</summary>
public static class ValueShapes
{
    internal class Basket
    {
        public string? Note { get; set; }

        public byte[]? Image { get; set; }
    }

    internal sealed class GiftBasket : Basket;

    [JsonDerivedType(typeof(Circle), "circle")]
    internal abstract class Shape;

    internal sealed class Circle : Shape
    {
        public int Radius { get; set; }
    }

    internal sealed record Order(int Id, string Name);

    internal readonly record struct Line(int Id, string Name);

    internal sealed class Secretive
    {
        [JsonIgnore]
        public string? Secret { get; set; }
    }

    internal sealed class PrivatelySet
    {
        public int Number { get; private init; }

        public static PrivatelySet Of(int number) => new() { Number = number };
    }

    internal sealed class FieldOnly
    {
        public int Number;
    }

    internal sealed class FieldBeside
    {
        public int Number;

        public string? Name { get; set; }
    }

    internal sealed class Closed(int one, int other)
    {
        public int Sum { get; } = one + other;
    }

    internal sealed class Ring
    {
        public Ring? Next { get; set; }

        public static Ring Make()
        {
            var ring = new Ring();
            ring.Next = ring;
            return ring;
        }
    }

    [ImmutableObject(true)]
    internal sealed class Price
    {
        public int Amount { get; init; }
    }

    [ImmutableObject(true)]
    public class OpenPrice
    {
        public int Amount { get; init; }
    }

    [ImmutableObject(false)]
    internal sealed class MutablePrice
    {
        public int Amount { get; init; }
    }

    [ImmutableObject(true)]
    internal sealed class Handle(Func<int> run)
    {
        public Func<int> Run { get; } = run;
    }
}
