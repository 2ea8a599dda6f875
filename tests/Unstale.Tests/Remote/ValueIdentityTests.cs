using System.Buffers.Binary;
using Unstale.Remote;
using Xunit;

namespace Unstale.Tests.Remote;

public sealed class ValueIdentityTests
{
    public static TheoryData<Type, string> Names => new()
    {
        { typeof(string), "System.String, System.Private.CoreLib" },
        { typeof(int?), "System.Nullable`1[System.Int32, System.Private.CoreLib], System.Private.CoreLib" },
        { typeof(byte[]), "System.Byte, System.Private.CoreLib[]" },
        { typeof(int[,][]), "System.Int32, System.Private.CoreLib[][,]" },
        { typeof((int, string)), "System.ValueTuple`2[System.Int32, System.Private.CoreLib;System.String, System.Private.CoreLib], System.Private.CoreLib" },
        { typeof(Outer<int>.Inner), "Unstale.Tests.Remote.ValueIdentityTests+Outer`1+Inner[System.Int32, System.Private.CoreLib], Unstale.Tests" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_type_has_the_same_name_whatever_the_versions_of_assemblies(Type type, string name) => Assert.Equal(name, ValueIdentity.NameOf(type));

    [Fact]
    public void Every_release_computes_the_identities_listed_on_the_formats_page()
    {
        Assert.Equal("5bb573cbf88d18eb", Hex(new CodecTable(null).For<string>().Identity));
        Assert.Equal("941520afb02f37be", Hex(new CodecTable(null).For<List<int>>().Identity));
    }

    [Fact]
    public void Anonymous_types_are_distinguished_by_their_members() =>
        Assert.Contains("{Amount;Currency}", ValueIdentity.NameOf(new { Amount = 1, Currency = "x" }.GetType()), StringComparison.Ordinal);

    private static string Hex(long identity)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, identity);
        return Convert.ToHexStringLower(bytes);
    }

    private sealed class Outer<T>
    {
        public sealed class Inner
        {
            public T? Value { get; set; }
        }
    }
}
