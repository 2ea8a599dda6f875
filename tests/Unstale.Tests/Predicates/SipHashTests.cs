using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Predicates;

/// <summary>Published test vectors of SipHash-2-4: the key is 00 to 0f, and the input of length n is 00 to n-1.</summary>
public sealed class SipHashTests
{
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(7, 0xab0200f58b01d137)]
    [InlineData(8, 0x93f5f5799a932462)]
    [InlineData(15, 0xa129ca6149be45e5)]
    public void Hashes_equal_the_published_ones(int length, ulong expected)
    {
        byte[] input = [.. Enumerable.Range(0, length).Select(static number => (byte)number)];
        Assert.Equal(expected, SipHash.Compute(input, 0x0706050403020100, 0x0f0e0d0c0b0a0908));
    }
}
