using System.Linq.Expressions;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore.Query;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Text that is equal for equal queries in all processes: a hash of the query without the values of its parameters, and of its SQL.</summary>
internal static class PlanFingerprint
{
    public static string? Of(Expression query, Expression? finished)
    {
        if (finished is null)
            return null;
        try
        {
            return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{ExpressionPrinter.Print(query)}\0{ExpressionPrinter.Print(finished)}")));
        }
        catch (Exception)
        {
            return null; // an expression of the provider that cannot be printed; the query runs without a key
        }
    }
}
