using System.Text.Json.Serialization;

namespace Unstale.Tests.Loading;

/// <content>Types that JSON preserves, and types of which JSON loses a part.</content>
public sealed partial class ValueRoundTripTests
{
    public sealed class NoWayBack(string text)
    {
        public int Length { get; } = text.Length;
    }

    public sealed class TwoConstructors
    {
        public TwoConstructors(int a) => A = a;

        public TwoConstructors(string b) => A = b.Length;

        public int A { get; }
    }

    public sealed class Link
    {
        public Link? Next { get; set; }

        public Link Closed()
        {
            Next = new Link { Next = this };
            return this;
        }

        public static Link OfDepth(int depth)
        {
            Link? link = null;
            for (var i = 0; i < depth; i++)
                link = new Link { Next = link };
            return link!;
        }
    }

    public sealed class WithoutSetter
    {
        public WithoutSetter()
        {
        }

        public WithoutSetter(IEnumerable<string> items) => Items.AddRange(items);

        public List<string> Items { get; } = [];
    }

    public sealed class PrivateSetter
    {
        public PrivateSetter()
        {
        }

        public PrivateSetter(string name) => Name = name;

        public string? Name { get; private set; }
    }

    public sealed class Hidden
    {
        private readonly int _count;

        public Hidden()
        {
        }

        public Hidden(int count) => _count = count;

        public int Read() => _count;
    }

    public class Animal
    {
        public string? Name { get; set; }
    }

    public sealed class Dog : Animal, INamed
    {
        public bool Barks { get; set; }
    }

    public interface INamed
    {
        string? Name { get; }
    }

    public sealed record WithInterface(INamed Named);

    public sealed record WithInit
    {
        public required string Name { get; init; }

        public List<string> Lines { get; init; } = [];
    }

    [JsonDerivedType(typeof(Circle), "circle")]
    public abstract record Shape;

    public sealed record Circle(int Radius) : Shape;

    [JsonDerivedType(typeof(Car))]
    [JsonDerivedType(typeof(Cart))]
    public class Vehicle
    {
        public int Wheels { get; set; }
    }

    public sealed class Car : Vehicle
    {
        public int Doors { get; set; }
    }

    public sealed class Cart : Vehicle;

    [JsonPolymorphic(UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FallBackToBaseType)]
    [JsonDerivedType(typeof(Flower), "flower")]
    public class Plant
    {
        public string? Name { get; set; }
    }

    public sealed class Flower : Plant;

    public sealed class Tree : Plant;

    public sealed class Moody
    {
        public string? Name { get; set; }

        public string Other => Name is null ? "" : throw new NotSupportedException("no");
    }

    public sealed class Unwilling
    {
        private readonly string? _name;

        public Unwilling()
        {
        }

        public Unwilling(string name) => _name = name;

        public string? Name
        {
            get => _name;
            set => throw new InvalidTimeZoneException(value);
        }
    }

    public sealed class Blank;

    public sealed class Computed
    {
        public string? First { get; set; }

        public string? Last { get; set; }

        public string Full => First + Last;
    }

    public readonly struct Opaque(int count) : IEquatable<Opaque>
    {
        private readonly int _count = count;

        public bool Equals(Opaque other) => _count == other._count;

        public override bool Equals(object? obj) => obj is Opaque other && Equals(other);

        public override int GetHashCode() => _count;

        public static bool operator ==(Opaque left, Opaque right) => left.Equals(right);

        public static bool operator !=(Opaque left, Opaque right) => !left.Equals(right);
    }

    public sealed record Note(string Text)
    {
        public List<string> More { get; init; } = [];
    }
}
