using System.Data.Common;

namespace Shop.Data;

/// <summary>Thrown if the database did not confirm a commit, which may have succeeded before the reply was lost.</summary>
internal sealed class CommitUnknownException(DbException lost) : Exception("It is unknown whether the commit came about.", lost);
